/** Starts a clock of this process's processor time, in seconds (user and system, all threads), which no busy machine moves. */
export function processorTime(): () => number {
  const began = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1e6;
  };
}

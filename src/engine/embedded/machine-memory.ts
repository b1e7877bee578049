/**
 * The memory that this process may use.
 */
import { freemem, totalmem } from "node:os";

/** Bytes: all the machine's, or what its container may hold, and what of them is free now. */
export function memoryHere(): { readonly total: number; readonly free: number } {
  // 0, or more than there is, where nothing bounds it
  const bound = process.constrainedMemory();
  const total = bound > 0 ? Math.min(bound, totalmem()) : totalmem();
  const free = process.availableMemory?.() ?? freemem();
  return { total, free: Math.min(free, total) };
}

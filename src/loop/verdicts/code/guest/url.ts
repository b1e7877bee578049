/**
 * Inside the sandbox: URL and URLSearchParams, for addresses as they are mostly written.
 *
 * Its text is taken into the sandbox, so that it must not refer to anything outside itself.
 */

export function makeUrl(): { readonly URL: unknown; readonly URLSearchParams: unknown } {
  const encoded = (text: string): string =>
    encodeURIComponent(text)
      .replace(/%20/g, "+")
      .replace(/[!'()~]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  const decoded = (text: string): string => {
    try {
      return decodeURIComponent(text.replace(/\+/g, " "));
    } catch {
      return text;
    }
  };

  class URLSearchParams {
    #pairs: [string, string][] = [];
    constructor(given: any = "") {
      if (typeof given === "string") {
        for (const part of given.replace(/^\?/, "").split("&").filter(Boolean)) {
          const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(part)!;
          this.append(decoded(name), decoded(value));
        }
      } else
        for (const [name, value] of given[Symbol.iterator] ? given : Object.entries(given))
          this.append(name, value);
    }
    append(name: unknown, value: unknown): void {
      this.#pairs.push([String(name), String(value)]);
    }
    delete(name: string): void {
      this.#pairs = this.#pairs.filter(([own]) => own !== name);
    }
    get(name: string): string | null {
      return this.#pairs.find(([own]) => own === name)?.[1] ?? null;
    }
    getAll(name: string): string[] {
      return this.#pairs.filter(([own]) => own === name).map(([, value]) => value);
    }
    has(name: string): boolean {
      return this.#pairs.some(([own]) => own === name);
    }
    set(name: string, value: unknown): void {
      const at = this.#pairs.findIndex(([own]) => own === name);
      const others = this.#pairs.filter(([own], i) => own !== name || i === at);
      if (at < 0) others.push([name, String(value)]);
      else others[others.findIndex(([own]) => own === name)] = [name, String(value)];
      this.#pairs = others;
    }
    sort(): void {
      this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    }
    forEach(task: (value: string, name: string, all: URLSearchParams) => void): void {
      for (const [name, value] of this.#pairs) task(value, name, this);
    }
    get size(): number {
      return this.#pairs.length;
    }
    keys = () => this.#pairs.map(([name]) => name).values();
    values = () => this.#pairs.map(([, value]) => value).values();
    entries = () => this.#pairs.values();
    [Symbol.iterator] = () => this.#pairs.values();
    toString(): string {
      return this.#pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&");
    }
  }

  const ports: Record<string, string> = {
    "http:": "80",
    "https:": "443",
    "ftp:": "21",
    "ws:": "80",
    "wss:": "443",
  };
  class URL {
    protocol: string;
    username = "";
    password = "";
    hostname: string;
    port: string;
    pathname: string;
    hash: string;
    searchParams: URLSearchParams;
    constructor(address: unknown, base?: unknown) {
      const text = String(address).trim();
      const whole =
        /^[a-z][a-z\d+.-]*:/i.test(text) || base === undefined ? text : URL.#joined(text, new URL(base));
      const parts =
        /^([a-z][a-z\d+.-]*:)(?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^:/?#]*)(?::(\d*))?)?([^?#]*)(\?[^#]*)?(#.*)?$/is.exec(
          whole,
        );
      if (parts === null || (ports[parts[1]!.toLowerCase()] !== undefined && !parts[4]))
        throw Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", input: text });
      const [, protocol, user = "", password = "", host = "", port = "", path, search = "", hash = ""] =
        parts;
      this.protocol = protocol!.toLowerCase();
      [this.username, this.password, this.hostname] = [user, password, host.toLowerCase()];
      this.port = port === ports[this.protocol] ? "" : port;
      this.pathname = ports[this.protocol] === undefined ? path! : URL.#plain(path!);
      this.hash = hash === "#" ? "" : hash;
      this.searchParams = new URLSearchParams(search);
      this.#search = search === "?" ? "" : search.replace(/ /g, "%20");
    }
    #search: string;
    /** Without `.` and `..`. */
    static #plain(path: string): string {
      const out: string[] = [];
      const steps = path.split("/").slice(1);
      for (const [i, step] of steps.entries()) {
        if (step === "..") out.pop();
        if (step !== ".." && step !== ".") out.push(step);
        else if (i === steps.length - 1) out.push("");
      }
      return `/${out.join("/").replace(/ /g, "%20")}`;
    }
    static #joined(text: string, base: URL): string {
      if (text.startsWith("//")) return base.protocol + text;
      const origin = `${base.protocol}//${base.host}`;
      if (text.startsWith("/")) return origin + text;
      if (text === "" || /^[?#]/.test(text))
        return origin + base.pathname + (text.startsWith("?") ? "" : base.search) + text;
      return origin + base.pathname.replace(/[^/]*$/, "") + text;
    }
    static canParse(address: unknown, base?: unknown): boolean {
      try {
        return new URL(address, base) !== null;
      } catch {
        return false;
      }
    }
    get host(): string {
      return this.port === "" ? this.hostname : `${this.hostname}:${this.port}`;
    }
    get origin(): string {
      return ports[this.protocol] === undefined ? "null" : `${this.protocol}//${this.host}`;
    }
    get search(): string {
      const now = this.searchParams.toString();
      const asGiven = new URLSearchParams(this.#search).toString() === now;
      return asGiven ? this.#search : now === "" ? "" : `?${now}`;
    }
    get href(): string {
      const user =
        this.username === "" ? "" : `${this.username}${this.password === "" ? "" : `:${this.password}`}@`;
      const slashes = this.hostname === "" && this.protocol !== "file:" ? "" : "//";
      return `${this.protocol}${slashes}${user}${this.host}${this.pathname}${this.search}${this.hash}`;
    }
    toString(): string {
      return this.href;
    }
    toJSON(): string {
      return this.href;
    }
  }
  return { URL, URLSearchParams };
}

/**
 * Errors as OpenAI's API tells them: a status, and an object that its clients know how to read.
 */
export class ApiError extends Error {
  readonly status: number;
  /** The request's field at fault. */
  readonly param: string | null;
  readonly code: string | null;

  constructor(status: number, message: string, param: string | null = null, code: string | null = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.param = param;
    this.code = code;
  }
}

/** The body of an error's answer. */
export function errorBody({ status, message, param, code }: ApiError): object {
  const type = status === 429 ? "rate_limit_error" : status >= 500 ? "server_error" : "invalid_request_error";
  return { error: { message, type, param, code } };
}

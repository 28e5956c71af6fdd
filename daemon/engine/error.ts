/** Engine failures that a caller can act on. Everything else is a bug and stays a plain Error. */
export type EngineErrorCode =
  | "engine.unknown-kernel"
  | "engine.bad-view"
  | "engine.out-of-memory"
  | "engine.bad-shape"
  | "engine.no-gradient"
  | "engine.no-adapter"
  | "engine.device-lost"
  | "engine.disposed";

export class EngineError extends Error {
  readonly code: EngineErrorCode;
  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EngineError";
    this.code = code;
  }
}

/** That an engine refused something, or cannot be asked any more: whoever needs it can tell nothing of its containers. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  /** Of its answer; null: there was none. */
  readonly status: number | null;

  constructor(message: string, status: number | null, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

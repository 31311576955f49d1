/** Waiting for an answer, but not for ever. */

/** Rejects with `complaint` when it has not settled in time. */
export async function withDeadline<T>(work: Promise<T>, patienceMs: number, complaint: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(complaint)), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

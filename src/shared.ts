/**
 * Work that is done once for all who ask while it waits to begin. It is done anew for whoever asks while it is done, so
 * that each gets what came after they asked.
 */
export function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  const begin = () => {
    next = null;
    return work();
  };
  return () => {
    next ??= done.then(begin, begin);
    done = next;
    return next;
  };
}

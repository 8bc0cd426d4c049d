export type Lock = <Result>(act: () => Promise<Result>) => Promise<Result>;

/** Runs acts one after the other in the order of the calls; one that fails does not stop the next. */
export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const result = last.then(act, act);
    last = result.catch(() => undefined);
    return result;
  };
}

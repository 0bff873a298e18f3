import type { Task, Told } from "./worker.ts";

/** Starts a worker on a task. Returns how to end it, which is done by itself where it fails. */
export function started<T>(
  task: Task,
  took: (progress: T) => void,
  failed: (why: string) => void,
): () => void {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const fail = (why: string): void => {
    worker.terminate();
    failed(why);
  };
  worker.addEventListener("message", ({ data }: MessageEvent<Told<T>>) => {
    if ("progress" in data) {
      took(data.progress);
    } else {
      fail(data.problem);
    }
  });
  worker.addEventListener("error", ({ message }) => fail(message));
  worker.postMessage(task);
  return () => worker.terminate();
}

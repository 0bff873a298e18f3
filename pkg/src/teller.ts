/** Tells typed news to whoever listens. */
export class Teller<Events> {
  readonly #target = new EventTarget();

  /** Tells all listeners of `type`. One that throws disturbs neither the others nor the teller. */
  tell<K extends keyof Events & string>(type: K, detail: Events[K]): void {
    this.#target.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Listens; gives a function that ends it. */
  on<K extends keyof Events & string>(type: K, listener: (told: Events[K]) => void): () => void {
    const heard = (event: Event) => listener((event as CustomEvent<Events[K]>).detail);
    this.#target.addEventListener(type, heard);
    return () => this.#target.removeEventListener(type, heard);
  }
}

import { announce, find } from "../../dom.ts";
import { started } from "../../lab/started.ts";
import type { Examples } from "./example.ts";
import { estimatesMarkup, refusalMarkup } from "./markup.ts";

/** Lets other people be simulated than those in the page. */
export async function mount(root: HTMLElement): Promise<() => void> {
  const form = find("#trust-form", HTMLFormElement, root);
  const seed = find("#trust-seed", HTMLInputElement, form);
  const button = find("#trust-start", HTMLButtonElement, form);
  const state = find("#trust-state", HTMLElement, form);
  let end = (): void => {};
  const stop = (): void => {
    end();
    button.disabled = false;
  };
  const say = (text: string): void => {
    stop();
    state.textContent = text;
    announce(text);
  };
  const took = ({ share, blind, settled }: Examples): void => {
    state.textContent = `Simulating: ${Math.round(share * 100)} %`;
    if (settled !== undefined) {
      find("#trust-blind", HTMLElement, root).innerHTML = estimatesMarkup(blind);
      find("#trust-settled", HTMLElement, root).innerHTML = refusalMarkup(settled);
      say(`The numbers on this page are now those of seed ${seed.value}.`);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    stop();
    button.disabled = true;
    state.textContent = "Simulating …";
    end = started({ seed: seed.valueAsNumber }, took, (why) => say(`Not simulated: ${why}`));
  });
  button.disabled = false;
  return stop;
}

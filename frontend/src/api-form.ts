/**
 * <api-form>: a server-rendered form that is sent to the API as JSON, with the errors said where they belong.
 * `url`, `method`; `then`: an address to go to, with {id} from the answer, else the page is loaded again;
 * `show`: a field of the answer to show for copying instead of going anywhere; `prefill`: fields that the page's address
 * names are filled in, and what hides them is opened.
 */
import { call, fieldErrors } from "./api";
import { valuesOf } from "./form-values";

class ApiForm extends HTMLElement {
  connectedCallback(): void {
    if (this.hasAttribute("prefill")) this.prefill(new URLSearchParams(location.search));
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      const { submitter } = event;
      void this.send(event.target as HTMLFormElement, submitter as HTMLButtonElement | null);
    });
  }

  private prefill(given: URLSearchParams): void {
    for (const field of this.querySelectorAll<HTMLInputElement>("input[name]:not([type=checkbox], [type=radio])")) {
      const value = given.get(field.name);
      if (value === null) continue;
      field.value = value;
      field.closest("details")?.setAttribute("open", "");
    }
  }

  private async send(form: HTMLFormElement, button: HTMLButtonElement | null): Promise<void> {
    const question = this.getAttribute("confirm");
    if (question && !confirm(question)) return;
    this.querySelectorAll(".said").forEach((line) => line.remove());
    if (button) button.disabled = true;
    try {
      const method = this.getAttribute("method") ?? "POST";
      this.done(await call<Record<string, unknown> | undefined>(method, this.getAttribute("url") ?? "", valuesOf(form)));
    } catch (error) {
      this.explain(form, error as Error);
    } finally {
      if (button) button.disabled = false;
    }
  }

  private done(answer: Record<string, unknown> | undefined): void {
    const shown = this.getAttribute("show");
    const then = this.getAttribute("then");
    if (shown) this.show(String(answer?.[shown] ?? ""));
    else if (then) location.assign(then.replace("{id}", String(answer?.["id"] ?? "")));
    else location.reload();
  }

  private show(text: string): void {
    this.querySelector(".shown")?.remove();
    const line = Object.assign(document.createElement("div"), { className: "row shown" });
    const field = Object.assign(document.createElement("input"), { value: text, readOnly: true });
    field.setAttribute("aria-label", "The link to send");
    const copy = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
    copy.addEventListener("click", () => {
      field.select();
      void navigator.clipboard?.writeText(text).then(() => (copy.textContent = "Copied"));
    });
    line.append(field, copy);
    this.append(line);
    field.select();
  }

  private explain(form: HTMLFormElement, error: Error): void {
    const errors = fieldErrors(error);
    const rest: string[] = [];
    for (const [name, lines] of Object.entries(errors)) {
      const field = form.elements.namedItem(name);
      const place = field instanceof HTMLElement ? (field.closest("label") ?? field) : null;
      place?.closest("details")?.setAttribute("open", "");
      if (place) place.after(said(lines.join(" ")));
      else rest.push(...lines);
    }
    if (!Object.keys(errors).length) rest.push(error.message);
    if (rest.length) form.append(said(rest.join(" ")));
  }
}

function said(text: string): HTMLElement {
  const line = Object.assign(document.createElement("p"), { className: "said error small", textContent: text });
  line.setAttribute("role", "alert");
  return line;
}

customElements.define("api-form", ApiForm);

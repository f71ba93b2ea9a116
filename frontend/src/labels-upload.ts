/** <labels-upload dataset>: names, guidelines and icons of all classes in one file. Emits `described`. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { plural } from "./numbers";
import { meter, shared } from "./shared";
import { upload } from "./upload";

interface Described {
  names: number;
  icons: number;
  guidelines: number;
  refused: number;
  rejected: { row: number; file: string; field: string; reason: string }[];
}
const SHOWN = 12;

@customElement("labels-upload")
export class LabelsUpload extends LitElement {
  static override styles = [shared, css`details { margin-bottom: 10px; } summary { cursor: pointer; } form { display: grid; gap: 10px; margin-top: 10px; } ul { margin: 6px 0 0; padding-left: 18px; overflow-wrap: anywhere; } code { white-space: nowrap; }`];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  @state() private share: number | null = null;
  @state() private done: Described | null = null;
  @state() private trouble = "";

  private send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    this.trouble = "";
    this.done = null;
    try {
      this.done = await upload<Described>(`/api/datasets/${this.of}/labels/`, new FormData(form), (share) => (this.share = share));
      form.reset();
      this.dispatchEvent(new CustomEvent("described"));
    } catch (error) {
      this.trouble = (error as Error).message;
    } finally {
      this.share = null;
    }
  };

  override render(): TemplateResult {
    return html`<details id="labels-upload"><summary class="small">Names, icons and guidelines in one file</summary>
      <form @submit=${this.send}>
        <p class="small soft">A CSV with the columns <code>label</code>, <code>readable_name</code>, <code>guideline</code>, <code>parent</code> and <code>icon</code>, or a zip of it with the icons (PNG, JPEG, WebP, GIF or SVG). In a zip, a picture that is called like a class is its icon, with or without a CSV. What the file does not say stays as it is.</p>
        <input type="file" name="file" id="labels-file" required accept=".csv,.zip,text/csv,application/zip" aria-label="File" />
        ${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
        ${this.done ? this.renderDone(this.done) : nothing}
        ${this.share === null ? html`<div><button id="labels-send">Take them in</button></div>` : html`<div role="status"><span class="small soft">${this.share < 1 ? `Uploading: ${Math.round(100 * this.share)} %` : "Drawing the icons…"}</span>${meter(this.share, "Upload")}</div>`}
      </form></details>`;
  }

  private renderDone({ names, icons, guidelines, refused, rejected }: Described): TemplateResult {
    const said = [names ? plural(names, "name") : "", icons ? plural(icons, "icon") : "", guidelines ? plural(guidelines, "guideline") : ""].filter(Boolean);
    return html`<div class="notice small" role="status" id="labels-done">${said.length ? `${said.join(", ")} taken in.` : "Nothing changed: all of it was known."}
      ${refused ? html` ${plural(refused, "row was", "rows were")} refused:<ul>${rejected.slice(0, SHOWN).map(({ row, file, reason }) => html`<li>${file || `row ${row}`}: ${reason}</li>`)}${refused > SHOWN ? html`<li class="soft">and ${refused - SHOWN} more</li>` : nothing}</ul>` : nothing}</div>`;
  }
}

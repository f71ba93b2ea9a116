/** <pixel-size of>: say how long the side of a pixel is, so that tiles carry a scale bar. Fires `saved`. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { call } from "./api";
import { Doing } from "./doing";
import { shared } from "./shared";

export interface PixelScale {
  pixel_size: number | null;
  pixel_attribute: string;
  pixel_unit: string;
}

/** In a sentence; empty where nobody knows. */
export function scaleSaid({ pixel_size, pixel_attribute, pixel_unit }: PixelScale): string {
  if (!pixel_unit) return "";
  const all = pixel_size === null ? "" : `A pixel is ${pixel_size} ${pixel_unit} wide`;
  if (!pixel_attribute) return `${all}.`;
  return all ? `${all}, or as the attribute “${pixel_attribute}” says.` : `How many ${pixel_unit} wide a pixel is, says the attribute “${pixel_attribute}”.`;
}

@customElement("pixel-size")
export class PixelSize extends LitElement {
  static override styles = [
    shared,
    css`
      form { display: grid; gap: 10px; margin-top: 10px; } p { margin: 0; }
      label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); } input { width: 120px; } .unit input { width: 84px; }
    `,
  ];

  @property({ type: Number }) of = 0;
  @property({ attribute: false }) scale: PixelScale = { pixel_size: null, pixel_attribute: "", pixel_unit: "" };
  private doing = new Doing(this);

  private save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const size = String(given.get("pixel_size") ?? "");
    const wish = { pixel_size: size ? Number(size) : null, pixel_attribute: given.get("pixel_attribute"), pixel_unit: given.get("pixel_unit") };
    await this.doing.act(async () => {
      await call("PUT", `/api/datasets/${this.of}/scale/`, wish);
      this.dispatchEvent(new CustomEvent("saved"));
    }, "Not saved");
  };

  override render(): TemplateResult {
    const { scale } = this;
    return html`<details><summary class="small">Size of a pixel</summary>
      <form @submit=${this.save}>
        <p class="small soft">Where it is known, reviewers can turn on a scale bar and see all tiles at one scale. An attribute says it item by item; the size stands for items without one. Leave all three empty where nobody knows.</p>
        <div class="row"><label>Side of a pixel<input name="pixel_size" type="number" step="any" min="0" .value=${scale.pixel_size === null ? "" : String(scale.pixel_size)} /></label>
          <label class="unit">Unit<input name="pixel_unit" maxlength="8" placeholder="µm" list="units" .value=${scale.pixel_unit} /></label>
          <label>Or an attribute<input name="pixel_attribute" maxlength="200" .value=${scale.pixel_attribute} autocomplete="off" /></label></div>
        <datalist id="units"><option value="nm"></option><option value="µm"></option><option value="mm"></option><option value="cm"></option><option value="m"></option></datalist>
        ${this.doing.trouble ? html`<p class="notice bad small" role="alert">${this.doing.trouble}</p>` : nothing}
        <div class="row"><button id="save-scale" class="primary" ?disabled=${this.doing.busy}>Save</button></div>
      </form></details>`;
  }
}

/** Wrong labels before ○ and now ● on one line, with the 95 % interval. */
import { html, nothing, svg, type TemplateResult } from "lit";
import { percent, range } from "../numbers";
import type { Rate } from "./progress";

/** `most` is the line's right end. */
export function whisker({ before, now, interval }: Rate, most: number): TemplateResult {
  const x = (share: number) => `${4 + 92 * Math.min(1, share / most)}%`;
  const said = now === null ? "wrong labels: unknown" : `wrong labels: ${percent(before)} before, ${percent(now)} now, 95 % interval ${range(interval)}`;
  return html`<svg class="whisker" role="img" aria-label=${said}><line x1="0" x2="100%" y1="9" y2="9" stroke="var(--line)" />
    ${before === null ? nothing : svg`<circle cx=${x(before)} cy="9" r="4" fill="none" stroke="var(--soft)" stroke-width="1.5" />`}
    ${interval ? svg`<line x1=${x(interval[0])} x2=${x(interval[1])} y1="9" y2="9" stroke="var(--fix)" stroke-width="2" />` : nothing}
    ${now === null ? nothing : svg`<circle cx=${x(now)} cy="9" r="4" fill="var(--fix)" />`}</svg>`;
}

/** Styles and small template helpers that all components share. */
import { css, html, noChange, nothing, unsafeCSS, type TemplateResult } from "lit";
import { Directive, directive, type ElementPart } from "lit/directive.js";
import text from "./shared.css?inline";

export const shared = [unsafeCSS(text), css`:host { display: block; } :host([hidden]) { display: none; }`];

class Styled extends Directive {
  override render(_styles: Record<string, string>): unknown {
    return noChange;
  }
  override update(part: ElementPart, [styles]: [Record<string, string>]): unknown {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(styles)) style.setProperty(name, value);
    return noChange;
  }
}

/** Sets properties on `element.style`: the site's policy forbids style attributes, Lit's styleMap writes one. */
export const styled = directive(Styled);

export function meter(share: number | null, name: string): TemplateResult {
  const percent = share === null ? 0 : Math.round(share * 1000) / 10;
  return html`<span class="meter" role="img" aria-label="${name}: ${share === null ? "unknown" : `${percent} %`}"
    ><i ${styled({ width: `${percent}%` })}></i
  ></span>`;
}

export interface Named {
  name: string;
  readable_name: string;
  icon: string | null;
}

/** A label's icon, or its first letters where it has none. `size` in CSS pixels. */
export function icon(label: Named | undefined, size = 20): TemplateResult | typeof nothing {
  if (!label) return nothing;
  const styles = { width: `${size}px`, height: `${size}px` };
  if (label.icon)
    return html`<img class="icon" ${styled(styles)} src=${label.icon} alt="" loading="lazy" draggable="false" />`;
  return html`<span class="icon blank" aria-hidden="true" ${styled(styles)}><span>${initials(label.readable_name)}</span></span>`;
}

/** Two or three characters that tell labels apart: a number where there is one, else the first letters. */
export function initials(name: string): string {
  const number = /\d+/.exec(name)?.[0];
  if (number) return number.slice(0, 3);
  const words = name.split(/[\s_-]+/).filter(Boolean);
  return (words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]).join("") : [...name].slice(0, 2).join("")).toUpperCase();
}

/** A label's icon and readable name. */
export function named(label: Named | undefined, fallback: string | null, size = 20): TemplateResult {
  return html`<span class="label">${icon(label, size)}<span>${label?.readable_name ?? fallback ?? "unknown"}</span></span>`;
}

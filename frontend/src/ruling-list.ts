/** Rulings as pictures with a sign and words: an example of the class, an example of what is none, or words alone. */
import { css, html, nothing, type TemplateResult } from "lit";
import type { Ruling } from "./api";
import { msg, str } from "./language";

export const rulingStyles = css`
  .rulings { display: flex; gap: 10px 20px; flex-wrap: wrap; list-style: none; margin: 0; padding: 0; }
  .ruling { display: flex; gap: 10px; align-items: start; max-width: 34ch; min-width: 0; }
  .shot { position: relative; flex: none; } .shot img { width: 64px; height: 64px; border-radius: 6px; object-fit: cover; background: var(--line); }
  .sign { position: absolute; left: -5px; top: -5px; width: 20px; height: 20px; border-radius: 50%; display: grid; place-items: center; font: 700 12px/1 var(--font); color: light-dark(#fff, #10130f); background: var(--fix); box-shadow: 0 0 0 2px var(--paper); }
  .sign.no { background: var(--flag); }
  .ruling .words { display: grid; gap: 2px; min-width: 0; overflow-wrap: anywhere; }
`;

const SIGNS = { yes: "✓", no: "✕" };

export function shot({ crop, shows }: Ruling, name: string, size = 64): TemplateResult | typeof nothing {
  if (!crop || !shows) return nothing;
  const says = shows === "yes" ? msg(str`an example of ${name}`) : msg(str`not ${name}`);
  return html`<span class="shot"><img src=${crop} width=${size} height=${size} alt=${says} draggable="false" /><span class="sign ${shows}" aria-hidden="true">${SIGNS[shows]}</span></span>`;
}

export function rulingList(rulings: readonly Ruling[], name: string): TemplateResult | typeof nothing {
  if (!rulings.length) return nothing;
  return html`<ul class="rulings small">${rulings.map((ruling) => html`<li class="ruling" data-ruling=${ruling.id}>${shot(ruling, name)}
    <span class="words">${ruling.shows ? html`<b class=${ruling.shows === "yes" ? "good" : "error"}>${ruling.shows === "yes" ? msg(str`This is ${name}`) : msg(str`Not ${name}`)}</b>` : nothing}
      ${ruling.asked ? html`<span class="soft">“${ruling.asked}”</span>` : nothing}<span>${ruling.said}</span></span></li>`)}</ul>`;
}

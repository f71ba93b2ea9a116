import { css } from "lit";

export const wallStyles = css`
  :host { display: block; min-height: 0; position: relative; }
  .scroll { position: absolute; inset: 0; overflow: hidden scroll; contain: strict; overscroll-behavior: contain; scrollbar-gutter: stable; padding: 6px 16px 16px; user-select: none; -webkit-user-select: none; }
  .ground { position: relative; contain: layout; }
  .line { position: absolute; inset: 0 0 auto 0; display: flex; gap: 5px; contain: layout; }
  .tile { flex: none; position: relative; width: var(--side); height: var(--side); border-radius: 5px; background: var(--line); cursor: pointer; touch-action: pan-y pinch-zoom; }
  .tile > img { width: 100%; height: 100%; object-fit: cover; border-radius: 5px; display: block; pointer-events: none; }
  :host([whole]) .tile > img { object-fit: contain; }
  .tile .missing { display: grid; place-items: center; height: 100%; padding: 2px; font-size: 11px; color: var(--soft); text-align: center; overflow: hidden; }
  .tile:is([data-own], [data-rather])::before, .tile[data-rather]:not(.pinned)::after { position: absolute; left: 0; right: 0; padding: 0 6px; font-size: 11px; line-height: 15px; color: #fff; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; pointer-events: none; }
  .tile:is([data-own], [data-rather])::before { content: attr(data-own); bottom: 0; padding: 12px 6px 4px; border-radius: 0 0 5px 5px; background: linear-gradient(transparent, #000a 60%); }
  .tile[data-rather]::before { padding-bottom: 19px; min-height: 4px; } .tile[data-rather]:not([data-own])::before { padding-top: 10px; padding-bottom: 9px; }
  .tile[data-rather]:not(.pinned)::after { content: "→ " attr(data-rather); bottom: 4px; font-weight: 600; }
  .tile:focus { outline: none; }
  :host([held]) .tile.here { box-shadow: 0 0 0 2px var(--ground), 0 0 0 4px var(--accent); z-index: 1; }
  .tile.here:focus-visible { box-shadow: 0 0 0 2px var(--ground), 0 0 0 6px var(--accent); }
  .tile.pinned::after { content: ""; position: absolute; left: 5px; top: 5px; width: 18px; height: 18px; border-radius: 50%; border: 5px solid var(--accent); background: var(--on-accent); box-shadow: 0 0 0 2px var(--ground); }
  @media (max-width: 640px) { .scroll { padding: 4px 8px 12px; } }
`;

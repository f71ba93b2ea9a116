import { css } from "lit";

export const gridStyles = css`
  :host { --tile: 92px; --foot: 50px; display: block; min-height: calc(100vh - 42px); padding-bottom: calc(var(--foot) + 24px + var(--covered, 0px)); }
  header { position: sticky; top: 0; z-index: 4; display: flex; gap: 8px 20px; align-items: center; padding: 9px 24px; background: var(--paper); border-bottom: 1px solid var(--line); min-height: 66px; }
  .who { all: unset; cursor: pointer; flex: none; border-radius: 6px; } .who:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .what { min-width: 0; flex: 0 1 auto; margin-left: -8px; } .what h1 { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; overflow-wrap: anywhere; }
  .what p { margin: 0; max-width: 60ch; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; overflow-wrap: anywhere; }
  .sep { width: 1px; align-self: stretch; background: var(--line); }
  .typical, .alike { flex: none; } .pics { display: flex; gap: 3px; margin-top: 2px; } .pics img { width: 36px; height: 36px; border-radius: 5px; object-fit: cover; }
  .pics .icon { margin-right: 2px; }
  .counts { text-align: right; white-space: nowrap; } .counts b { color: var(--flag); font-weight: 600; }
  .trouble { position: sticky; top: 66px; z-index: 4; display: flex; gap: 8px 14px; align-items: center; flex-wrap: wrap; padding: 8px 24px; background: var(--flag); color: light-dark(#fff, #1a0d05); font-weight: 550; }
  .twice { display: flex; gap: 12px; align-items: center; margin: 10px 24px 0; } .twice span { flex: 1; } @media (max-width: 640px) { .twice { margin: 10px 10px 0; } }
  .trouble.mild { background: var(--unsure); } .trouble button, .trouble .button { background: transparent; color: inherit; border-color: currentColor; padding: 3px 10px; }
  .field { position: relative; padding: 14px 24px 0; user-select: none; -webkit-user-select: none; -webkit-touch-callout: none; }
  .section + .section { margin-top: 22px; }
  .section > .head { display: flex; gap: 10px; align-items: center; padding: 2px 0 8px; } .section > .head h2 { margin: 0; font-size: 14px; }
  .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(var(--tile), 100%), 1fr)); gap: 5px; }
  .tile { all: unset; box-sizing: border-box; position: relative; aspect-ratio: 1; border-radius: 5px; cursor: pointer; scroll-margin: 90px 0 calc(120px + var(--covered, 0px)); touch-action: pan-y pinch-zoom; }
  .tile > img, .tile .missing { width: 100%; height: 100%; object-fit: cover; border-radius: 5px; display: block; background: var(--line); transition: opacity .25s; pointer-events: none; filter: var(--even,) var(--window,); }
  .whole .tile > img { object-fit: contain; }
  .true .tile > img { position: absolute; inset: 0; margin: auto; width: calc(100% * var(--true-wide, 1)); height: calc(100% * var(--true-tall, 1)); object-fit: contain; }
  .ruler { position: absolute; z-index: 1; left: 50%; translate: -50%; bottom: 6px; height: 3px; pointer-events: none; background: #fff; box-shadow: 0 0 0 1px #000b; } .ruler span { position: absolute; left: 50%; translate: -50%; bottom: 5px; white-space: nowrap; font: 600 10.5px/1 var(--font); color: #fff; text-shadow: 0 0 3px #000, 0 0 2px #000, 0 0 1px #000; }
  .loupe .seen { position: relative; padding: 0; } .loupe .over { background: none; } .loupe img + .over { position: absolute; inset: 0; height: 100%; }
  .tile .missing { display: grid; place-items: center; font-size: 11px; color: var(--soft); text-align: center; }
  .tile.unseen > img { opacity: .55; }
  .tile.flagged::before { content: ""; position: absolute; inset: -2px; z-index: 1; border: 3px solid var(--flag); border-radius: 7px; pointer-events: none; }
  .tile.flagged::after { content: ""; position: absolute; z-index: 1; pointer-events: none; right: -1px; top: -1px; border: 13px solid; border-color: var(--flag) var(--flag) transparent transparent; border-top-right-radius: 5px; }
  .tile.here { box-shadow: 0 0 0 3px var(--ground), 0 0 0 5px var(--accent); z-index: 1; }
  .tile.chosen:not(.here) { box-shadow: 0 0 0 2px var(--ground), 0 0 0 3.5px var(--accent); }
  .tile.stack::before { content: ""; position: absolute; inset: 3px -4px -4px 3px; z-index: -1; border-radius: 5px; background: var(--soft); opacity: .45; }
  .tile.stack { isolation: isolate; margin: 0 4px 4px 0; } .tile.stack.flagged::before { inset: -2px; z-index: 1; background: none; opacity: 1; }
  .tile.opened > img { border-radius: 0; outline: 2px dashed var(--soft); outline-offset: -2px; }
  .pile { position: absolute; z-index: 1; left: 4px; top: 4px; padding: 0 6px; border-radius: 10px; font: 600 11px/18px var(--font); background: light-dark(#fffd, #000c); color: var(--ink); }
  .tile:focus-visible { outline: none; }
  .tile.here:focus-visible { box-shadow: 0 0 0 3px var(--ground), 0 0 0 6px var(--accent); }
  .frame { position: absolute; inset: 0; overflow: hidden; border-radius: 5px; pointer-events: none; }
  .frame i { position: absolute; outline: 1.5px solid var(--accent); box-shadow: 0 0 0 2.5px light-dark(#fffb, #000b); border-radius: 1px;
    left: calc(50% + 100% * var(--wide, 1) * (var(--x) - .5)); width: calc(100% * var(--wide, 1) * var(--w));
    top: calc(50% + 100% * var(--tall, 1) * (var(--y) - .5)); height: calc(100% * var(--tall, 1) * var(--h)); }
  .whole .frame { --wide: var(--all-wide); --tall: var(--all-tall); } .true .frame { --wide: var(--true-wide, var(--all-wide)); --tall: var(--true-tall, var(--all-tall)); }
  .closer { display: none; pointer-events: none; position: absolute; z-index: 1; right: 0; bottom: 0; width: 32px; height: 32px; place-items: end; padding: 0 5px 4px 0; font-size: 16px; line-height: 1; color: #fff; text-shadow: 0 0 3px #000, 0 0 2px #000, 0 1px 2px #000; }
  @media (pointer: coarse) { .closer { display: grid; } }
  .badge { position: absolute; z-index: 1; left: 5px; bottom: 5px; display: flex; gap: 3px; filter: drop-shadow(0 1px 3px #0009); }
  .badge .icon { box-shadow: 0 0 0 1.5px #fff; }
  .badge .glyph { display: grid; place-items: center; min-width: 20px; height: 20px; padding: 0 4px; border-radius: 10px; background: var(--flag); color: light-dark(#fff, #1a0d05); font: 700 12px/1 var(--font); }
  say-panel { position: absolute; z-index: 3; }
  .loupe { position: absolute; z-index: 3; pointer-events: none; padding: 6px; background: var(--raised); border: 1px solid var(--line); border-radius: 10px; box-shadow: 0 12px 40px #0005; width: 292px; }
  .loupe img { width: 100%; border-radius: 6px; min-height: 200px; object-fit: contain; background: var(--line); }
  .loupe div { padding: 5px 3px 0; }
  footer { position: fixed; z-index: 4; inset: auto 0 0 0; background: var(--paper); border-top: 1px solid var(--line); }
  .bar { height: 3px; background: var(--line); } .bar i { display: block; height: 100%; background: var(--accent); width: 0; transition: width .3s; }
  .foot { display: flex; gap: 2px 4px; align-items: center; padding: 4px 18px; min-height: 42px; }
  .foot .plain { gap: 5px; font-size: 12px; padding: 4px 7px; } .foot .on { color: var(--accent); font-weight: 600; }
  .sizes { display: inline-flex; align-items: center; flex: none; } .sizes input { width: 90px; padding: 0; accent-color: var(--accent); }
  .sheet { position: fixed; z-index: 5; right: 12px; bottom: 54px; width: 300px; max-height: calc(100vh - 120px); overflow: auto; padding: 8px; display: grid; gap: 2px; background: var(--raised); border: 1px solid var(--line); border-radius: 12px; box-shadow: 0 12px 40px #0005; }
  .sheet > button { justify-content: flex-start; border-color: transparent; background: transparent; font-weight: 450; padding: 6px 8px; min-height: 36px; } .sheet > button:hover { background: var(--ground); }
  .sheet .sign { width: 20px; text-align: center; display: inline-block; } .sheet .line { display: flex; align-items: center; padding: 2px 8px; min-height: 36px; } .sheet .narrow { display: none; }
  .window { padding: 8px; border: 0 solid var(--line); border-width: 1px 0; margin: 4px 0; display: grid; gap: 4px; } .window legend { padding: 0; font-size: 12px; color: var(--soft); float: left; } .window legend + * { clear: both; } .window label { display: flex; gap: 8px; align-items: center; font-size: 13px; } .window label span { width: 44px; } .window input { padding: 0; accent-color: var(--accent); } .window p { margin: 0; } .window button { justify-self: end; }
  .segments { display: inline-flex; flex: none; border: 1px solid var(--line); border-radius: 7px; overflow: hidden; } .segments button { border: 0; border-radius: 0; padding: 3px 10px; font-size: 12px; font-weight: 450; color: var(--soft); background: transparent; }
  .segments button[aria-pressed="true"] { background: var(--ground); color: var(--ink); font-weight: 600; }
  .toast { position: fixed; z-index: 6; left: 50%; transform: translateX(-50%); bottom: 62px; background: var(--ink); color: var(--ground); padding: 7px 14px; border-radius: 99px; font-size: 13px; pointer-events: none; white-space: nowrap; max-width: 94vw; overflow: hidden; text-overflow: ellipsis; }
  .photo { width: 96vw; max-width: 1600px; height: 94vh; padding: 10px; box-sizing: border-box; overflow: hidden; }
  .guideline { white-space: pre-line; overflow-wrap: anywhere; margin: 12px 0 16px; } .large { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 16px; } .large > img { width: 104px; height: 104px; object-fit: contain; border-radius: 6px; background: var(--line); } .large figure { margin: 0; max-width: 96px; overflow-wrap: anywhere; }
  .ask { width: min(94vw, 760px); max-width: none; } #dialog-unseen { width: min(94vw, 460px); }
  .keys { display: grid; grid-template-columns: auto 1fr auto 1fr; gap: 7px 14px; margin: 14px 0; align-items: baseline; } .keys dt { text-align: right; } .keys dd { margin: 0; }
  .ask .row { justify-content: flex-end; margin-top: 18px; }
  .wait { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--tile), 1fr)); gap: 5px; padding: 14px 24px; } .wait i { aspect-ratio: 1; border-radius: 5px; background: var(--line); opacity: .6; }
  @media (max-width: 1640px) { .foot .hint { display: none; } }
  @media (max-width: 900px) { .typical, .alike, .sep { display: none; } }
  kbd[data-key]::before { content: attr(data-key); } .brief { display: none; }
  @media (max-width: 1420px) { .foot .word { display: none; } .foot #second .word, .foot #undo .word, .foot #more .word { display: inline; } .foot #more .sign { display: none; } }
  @media (max-width: 1000px) { .foot .word, .foot #second .word, .foot #undo .word, .foot #more .word { display: none; } .foot #more .sign { display: inline; } .foot .sizes input { display: none; } }
  @media (max-width: 640px) {
    header { padding: 8px 12px; gap: 6px 12px; flex-wrap: wrap; min-height: 0; } .what { flex: 1; margin-left: 0; } .counts { order: 3; width: 100%; text-align: left; display: flex; gap: 10px; justify-content: space-between; }
    header .grow { display: none; } header kbd { display: none; }
    .field, .wait { padding: 10px 10px 0; } .foot { padding: 3px 6px; gap: 0; justify-content: space-between; } .foot kbd, .sheet kbd, .foot > .grow, .foot > .sizes, .foot .extra { display: none; } .foot .sign { display: inline; } .foot .plain { padding: 6px; font-size: 18px; min-width: 44px; min-height: 44px; } .segments button { padding: 5px 8px; min-height: 44px; min-width: 44px; justify-content: center; } .foot .brief { display: inline; font-size: 16px; } .foot .full { display: none; }
    .sheet { left: 0; right: 0; bottom: 54px; width: auto; border-radius: 14px 14px 0 0; } .sheet > button, .sheet .plain { min-height: 44px; min-width: 44px; } .sheet .sizes input { width: 150px; min-height: 44px; } .window input { min-height: 40px; }
    .trouble { top: 0; padding: 8px 12px; }
    say-panel { position: fixed; left: 0 !important; right: 0; top: auto !important; bottom: 46px; width: auto; border-radius: 14px 14px 0 0; z-index: 5; }
    .field:has(say-panel) { padding-bottom: 300px; }
    .loupe { display: none; } .keys { grid-template-columns: auto 1fr; }
  }
  @media (min-width: 1421px) { .foot .sign { display: none; } }
`;

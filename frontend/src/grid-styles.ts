import { css } from "lit";

export const gridStyles = css`
  :host { --tile: 92px; --foot: 46px; display: block; min-height: calc(100vh - 42px); padding-bottom: calc(var(--foot) + 24px); }
  header { position: sticky; top: 0; z-index: 4; display: flex; gap: 8px 20px; align-items: center; padding: 9px 24px; background: var(--paper); border-bottom: 1px solid var(--line); min-height: 66px; }
  .who { display: flex; gap: 12px; align-items: center; min-width: 0; flex: 0 1 auto; }
  .who p { margin: 0; max-width: 52ch; }
  .sep { width: 1px; align-self: stretch; background: var(--line); }
  .typical, .alike { flex: none; } .pics { display: flex; gap: 3px; margin-top: 2px; } .pics img { width: 36px; height: 36px; border-radius: 5px; object-fit: cover; }
  .pics .icon { margin-right: 2px; }
  .counts { text-align: right; white-space: nowrap; } .counts b { color: var(--flag); font-weight: 600; }
  .trouble { position: sticky; top: 66px; z-index: 4; display: flex; gap: 8px 14px; align-items: center; flex-wrap: wrap; padding: 8px 24px; background: var(--flag); color: light-dark(#fff, #1a0d05); font-weight: 550; }
  .trouble.mild { background: var(--unsure); } .trouble button, .trouble .button { background: transparent; color: inherit; border-color: currentColor; padding: 3px 10px; }
  .field { position: relative; padding: 14px 24px 0; user-select: none; -webkit-user-select: none; -webkit-touch-callout: none; }
  .section + .section { margin-top: 22px; }
  .section > .head { display: flex; gap: 10px; align-items: center; padding: 2px 0 8px; } .section > .head h2 { margin: 0; font-size: 14px; }
  .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(var(--tile), 100%), 1fr)); gap: 5px; }
  .tile { all: unset; box-sizing: border-box; position: relative; aspect-ratio: 1; border-radius: 5px; cursor: pointer; scroll-margin: 90px 0 120px; touch-action: pan-y pinch-zoom; }
  .tile > img, .tile .missing { width: 100%; height: 100%; object-fit: cover; border-radius: 5px; display: block; background: var(--line); transition: opacity .25s; pointer-events: none; }
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
  .segments { display: inline-flex; flex: none; border: 1px solid var(--line); border-radius: 7px; overflow: hidden; } .segments button { border: 0; border-radius: 0; padding: 3px 10px; font-size: 12px; font-weight: 450; color: var(--soft); background: transparent; }
  .segments button[aria-pressed="true"] { background: var(--ground); color: var(--ink); font-weight: 600; }
  .toast { position: fixed; z-index: 6; left: 50%; transform: translateX(-50%); bottom: 62px; background: var(--ink); color: var(--ground); padding: 7px 14px; border-radius: 99px; font-size: 13px; pointer-events: none; white-space: nowrap; max-width: 94vw; overflow: hidden; text-overflow: ellipsis; }
  .photo { max-width: 96vw; padding: 10px; } .photo img { max-width: 100%; max-height: 82vh; border-radius: 6px; margin: 0 auto; min-width: min(70vw, 300px); min-height: 140px; }
  .photo .row { padding: 8px 4px 0; }
  .ask { width: min(94vw, 760px); max-width: none; } #dialog-unseen { width: min(94vw, 460px); }
  .keys { display: grid; grid-template-columns: auto 1fr auto 1fr; gap: 7px 14px; margin: 14px 0; align-items: baseline; } .keys dt { text-align: right; } .keys dd { margin: 0; }
  .ask .row { justify-content: flex-end; margin-top: 18px; }
  .wait { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--tile), 1fr)); gap: 5px; padding: 14px 24px; } .wait i { aspect-ratio: 1; border-radius: 5px; background: var(--line); opacity: .6; }
  @media (max-width: 1240px) { .foot .hint { display: none; } }
  @media (max-width: 900px) { .typical, .alike, .sep, .foot .wide { display: none; } }
  @media (max-width: 1100px) { .foot .word { display: none; } }
  @media (max-width: 640px) {
    header { padding: 8px 12px; gap: 8px 12px; flex-wrap: wrap; min-height: 0; } .who { flex: 1; } .who p { display: none; } .counts { order: 3; width: 100%; text-align: left; display: flex; gap: 10px; justify-content: space-between; }
    header .grow { display: none; } header kbd { display: none; }
    .field, .wait { padding: 10px 10px 0; } .foot { padding: 3px 6px; gap: 0; } .foot kbd { display: none; } .foot .sign { display: inline; } .foot .plain { padding: 6px; font-size: 15px; } .segments button { padding: 5px 8px; }
    .trouble { top: 0; padding: 8px 12px; }
    say-panel { position: fixed; left: 0 !important; right: 0; top: auto !important; bottom: 46px; width: auto; border-radius: 14px 14px 0 0; z-index: 5; }
    .loupe { display: none; } .keys { grid-template-columns: auto 1fr; }
  }
  @media (min-width: 641px) { .foot .sign { display: none; } }
`;

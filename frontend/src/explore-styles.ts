import { css } from "lit";

export const exploreStyles = css`
  :host { display: grid; grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr); height: calc(100vh - 42px); height: calc(100dvh - 42px); min-height: 420px; }
  .top { padding: 10px 16px; background: var(--paper); border-bottom: 1px solid var(--line); }
  .body { display: grid; grid-template-columns: minmax(0, 1fr) 320px; min-height: 0; }
  .columns { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); min-height: 0; }
  .column { display: grid; grid-template-rows: auto minmax(0, 1fr); min-height: 0; min-width: 0; } .column + .column { border-left: 1px solid var(--line); }
  .title { display: flex; gap: 6px 10px; align-items: center; padding: 6px 16px 4px; min-height: 46px; flex-wrap: wrap; min-width: 0; } .title h1, .title h2 { margin: 0; font-size: 15px; font-weight: 650; overflow-wrap: anywhere; } .title .small { white-space: nowrap; }
  .title .pin { width: 34px; height: 34px; object-fit: cover; border-radius: 5px; background: var(--line); }
  .title .button, .title button { padding: 4px 10px; }
  .segments { display: inline-flex; border: 1px solid var(--line); border-radius: 7px; overflow: hidden; } .segments button { border: 0; border-radius: 0; padding: 3px 10px; font-size: 12px; font-weight: 450; color: var(--soft); background: transparent; }
  .segments button[aria-pressed="true"] { background: var(--paper); color: var(--ink); font-weight: 600; } .segments button:focus-visible { outline-offset: -2px; }
  .busy tile-wall { opacity: .55; }
  .hand { background: var(--paper); border-left: 1px solid var(--line); overflow: auto; min-height: 0; }
  .foot { display: flex; gap: 2px 10px; align-items: center; padding: 4px 16px; min-height: 42px; background: var(--paper); border-top: 1px solid var(--line); }
  .sizes { display: inline-flex; align-items: center; } .sizes input { width: 110px; padding: 0; accent-color: var(--accent); } .on { color: var(--accent); font-weight: 600; }
  .empty .row { margin-top: 12px; } .empty button { white-space: normal; }
  .toast { position: fixed; z-index: 6; left: 50%; transform: translateX(-50%); bottom: 56px; max-width: 94vw; background: var(--ink); color: var(--ground); padding: 7px 14px; border-radius: 99px; font-size: 13px; pointer-events: none; }
  .photo { width: 96vw; max-width: 1600px; height: 94vh; padding: 10px; overflow: hidden; }
  .keys { display: grid; grid-template-columns: auto 1fr; gap: 6px 14px; margin: 12px 0; align-items: baseline; } .keys dt { text-align: right; } .keys dd { margin: 0; }
  @media (max-width: 1000px) {
    .body { grid-template-columns: minmax(0, 1fr); }
    .hand { position: fixed; z-index: 5; inset: auto 0 0 0; max-height: 72vh; border: 0; border-top: 1px solid var(--line); border-radius: 14px 14px 0 0; box-shadow: 0 -8px 40px #0004; } .hand.away { display: none; }
  }
  @media (max-width: 640px) { .top { padding: 8px; } .title { padding: 6px 8px 2px; } .foot { padding: 2px 6px; } .foot .hint, kbd { display: none; } .foot button { min-width: 44px; min-height: 44px; } .sizes input { min-height: 44px; } }
  @media (max-width: 1280px) { .foot .hint { display: none; } }
  @media (max-height: 560px) { :host { min-height: 560px; } }
`;

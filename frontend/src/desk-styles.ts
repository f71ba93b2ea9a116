import { css } from "lit";

export const deskStyles = css`
  .desk { --case: 400px; display: grid; grid-template-columns: 240px minmax(0, 1fr) var(--case); min-height: calc(100vh - 42px); background: linear-gradient(to left, var(--paper) var(--case), transparent 0); }
  nav { min-height: calc(100vh - 42px); border-right: 1px solid var(--line); padding: 18px 12px; position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; min-width: 0; }
  main { padding: 18px 22px; min-width: 0; }
  .title { display: flex; gap: 10px; align-items: center; }
  .cases { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 14px; margin-top: 14px; }
  .case { position: relative; min-width: 0; }
  .look { all: unset; box-sizing: border-box; cursor: pointer; display: block; width: 100%; min-width: 0; scroll-margin: 20px; }
  .look > img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 8px; background: var(--line); }
  .case.taken .look > img { box-shadow: 0 0 0 2px var(--ink); }
  .case.on .look > img { box-shadow: 0 0 0 3px var(--ground), 0 0 0 5px var(--accent); }
  .look:focus-visible > img { box-shadow: 0 0 0 3px var(--ground), 0 0 0 6px var(--accent); }
  .tick { position: absolute; top: 6px; left: 6px; width: 26px; height: 26px; padding: 0; border-radius: 50%; justify-content: center; background: var(--raised); font-size: 14px; line-height: 1; opacity: .85; }
  .case.taken .tick { background: var(--ink); color: var(--ground); border-color: var(--ink); opacity: 1; }
  .look .under { display: flex; gap: 8px; align-items: center; padding: 7px 2px 2px; flex-wrap: wrap; min-height: 18px; }
  .title .grow { flex: 1; min-width: 0; } .beside { color: var(--unsure); } .beside::before { content: "◆ "; }
  .dots { display: inline-flex; gap: 3px; flex-wrap: wrap; } .dots i { width: 9px; height: 9px; border-radius: 50%; border: 2px solid var(--soft); } .dots i.f { background: var(--flag); border-color: var(--flag); }
  aside { background: var(--paper); border-left: 1px solid var(--line); padding: 20px 20px 0; position: sticky; top: 0; align-self: start; max-height: calc(100vh - 42px); min-height: calc(100vh - 42px); overflow: auto; scroll-padding-bottom: 200px; }
  .big { position: relative; } .big img.crop { width: 100%; max-height: 34vh; object-fit: contain; border-radius: 8px; background: var(--ground); } .big img.whole { width: 100%; border-radius: 8px; background: var(--ground); min-height: 120px; }
  .big .turn { position: absolute; right: 8px; bottom: 8px; padding: 3px 8px; font-size: 12px; }
  .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; margin: 14px 0; } .pair > div { min-width: 0; } .pair b { font-weight: 600; }
  .ex { display: flex; gap: 4px; margin-top: 6px; flex-wrap: wrap; } .ex img { width: 54px; height: 54px; border-radius: 5px; object-fit: cover; }
  .votes td { vertical-align: top; } .votes .who { max-width: 110px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .votes .num { white-space: nowrap; } .votes .said { color: var(--fix); white-space: nowrap; } .votes .said.f { color: var(--flag); }
  .answers { position: sticky; bottom: 0; z-index: 1; margin: 14px -20px 0; padding: 12px 20px 16px; background: var(--paper); border-top: 1px solid var(--line); } .answers > p { margin: 0 0 8px; }
  .acts { display: flex; flex-wrap: wrap; gap: 6px; } .acts button { min-width: 0; max-width: 100%; white-space: normal; text-align: left; padding: 4px 8px; font-size: 12px; font-weight: 500; } #act-suggested, #act-clean { flex: 1 1 calc(50% - 3px); justify-content: space-between; padding: 7px 12px; font-size: 13px; font-weight: 600; }
  .acts label-picker { flex: 1 0 100%; }
  .story { margin: 12px 0 0; overflow-wrap: anywhere; }
  .mine { color: var(--unsure); } .mine::before { content: "◆ "; }
  .toast { position: fixed; z-index: 6; left: 262px; bottom: 24px; background: var(--ink); color: var(--ground); padding: 7px 8px 7px 16px; border-radius: 99px; font-size: 13px; display: flex; gap: 10px; align-items: center; max-width: 94vw; }
  .toast kbd { background: transparent; color: inherit; border-color: currentColor; } .toast button { background: transparent; color: inherit; border-color: currentColor; border-radius: 99px; padding: 2px 10px; }
  .keys { display: grid; grid-template-columns: auto 1fr; gap: 5px 14px; margin: 12px 0; align-items: baseline; } .keys dt { text-align: right; } .keys dd { margin: 0; }
  .acts [data-label] { font-weight: 450; }
  @media (max-width: 1080px) { .toast { left: 50%; transform: translateX(-50%); } .desk { --case: 360px; grid-template-columns: minmax(0, 1fr) var(--case); } nav { min-height: 0; grid-column: 1 / -1; align-self: stretch; position: static; border-right: 0; border-bottom: 1px solid var(--line); padding: 8px 16px; max-height: none; } }
  @media (max-width: 700px) { .desk { display: flex; flex-direction: column; background: none; } main { display: contents; } .title { padding: 12px; scroll-margin-top: 48px; } aside { order: 1; position: static; border-left: 0; border-block: 1px solid var(--line); padding: 12px 12px 0; max-height: none; min-height: 0; overflow: visible; } .cases, desk-offer { order: 2; margin: 12px; }
    .ex img { width: 44px; height: 44px; } .votes .who { max-width: 84px; } kbd, #keys, .by-key { display: none; } .toast { inset: 6px 6px auto; transform: none; max-width: none; border-radius: 10px; flex-wrap: wrap; gap: 6px; padding: 5px 8px 5px 12px; font-size: 12px; } .toast > span { flex: 1 1 100px; } .toast button { font-size: 12px; padding: 2px 8px; } .answers { margin-inline: -12px; padding: 10px 12px; } .answers.aside { position: static; } .acts button { padding: 7px 10px; } .acts [data-label] ~ [data-label] { display: none; }
    .cases { grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 10px; } .big img.crop { max-height: 30vh; } }
`;

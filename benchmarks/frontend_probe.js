// What the page itself measures of the review grid, in milliseconds since its navigation. Read by benchmarks/frontend.py.
window.probe = (() => {
  const tiles = () => [...(document.querySelector("review-grid")?.shadowRoot?.querySelectorAll(".tile") ?? [])];
  const shown = (tile) => {
    const image = tile.querySelector("img");
    return image?.complete && image.naturalWidth > 0;
  };
  // After the frame in which `done` first holds has been handed to the screen.
  const frameOf = (done) =>
    new Promise((resolve) => {
      const turn = () => (done() ? afterFrame(() => resolve(performance.now())) : requestAnimationFrame(turn));
      turn();
    });
  const afterFrame = (then) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = then;
      port2.postMessage(0);
    });
  const whole = () => tiles().length > 0 && tiles().every(shown);
  const long = [];
  let acts = 0;
  let awaited;

  return {
    painted: () => frameOf(whole),
    watchLongTasks: () => new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" }),
    longTasks: () => long,
    awaitFlag: () => {
      const before = tiles().filter((tile) => tile.classList.contains("flagged")).length;
      awaited = new Promise((resolve) =>
        addEventListener("pointerdown", ({ timeStamp }) => {
          const turn = () =>
            requestAnimationFrame(() => {
              const changed = tiles().filter((tile) => tile.classList.contains("flagged")).length !== before;
              if (!changed) return turn();
              const { port1, port2 } = new MessageChannel();
              port1.onmessage = () => resolve(performance.now() - timeStamp);
              port2.postMessage(0);
            });
          turn();
        }, { once: true, capture: true }),
      );
    },
    flagShown: () => awaited,
    awaitNext: () => {
      const before = tiles()[0]?.querySelector("img")?.src;
      awaited = new Promise((resolve) =>
        addEventListener("keydown", ({ timeStamp }) => {
          void frameOf(() => whole() && tiles()[0].querySelector("img").src !== before).then((at) => resolve(at - timeStamp));
        }, { once: true, capture: true }),
      );
    },
    nextShown: () => awaited,
    flagEarly: async () => {
      await frameOf(() => tiles().length > 0);
      const missing = tiles().filter((tile) => !shown(tile)).length;
      const tile = tiles()[3];
      const { left, top } = tile.getBoundingClientRect();
      const at = { bubbles: true, composed: true, pointerId: 1, pointerType: "touch", button: 0, clientX: left + 9, clientY: top + 9 };
      tile.dispatchEvent(new PointerEvent("pointerdown", at));
      tile.dispatchEvent(new PointerEvent("pointerup", at));
      await frameOf(() => true);
      return { missing, flagged: tiles()[3].classList.contains("flagged") };
    },
    countActs: () => {
      for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => (acts += 1), { capture: true });
    },
    acts: () => acts,
  };
})();

// Scrolls a page at so many CSS pixels a second and counts its frames. Read by benchmarks/explore.py.
async ([box, tiles, speed, seconds]) => {
  const whole = box.length === 0;
  const scroller = whole ? document.scrollingElement : box.reduce((at, step) => (at.shadowRoot ?? at).querySelector(step), document);
  const root = whole ? document : scroller.getRootNode();
  const { top, bottom } = whole ? { top: 0, bottom: innerHeight } : scroller.getBoundingClientRect();
  const right = whole ? innerWidth : scroller.getBoundingClientRect().right;
  const inSight = () => {
    const found = [];
    for (let y = top + 40; y < bottom; y += 133)
      for (let x = 60; x < right; x += 133) {
        const at = root.elementFromPoint(x, y);
        if (at?.matches(tiles)) found.push(at);
      }
    return found;
  };
  const shows = (tile) => {
    const image = tile.matches("img") ? tile : tile.querySelector("img");
    return Boolean(image?.complete && image.naturalWidth);
  };
  const times = [];
  let [seen, shown] = [0, 0];
  const from = scroller.scrollTop;
  await new Promise((done) => {
    const turn = (now) => {
      times.push(now);
      if (times.length % 6 === 0)
        for (const tile of inSight()) {
          seen += 1;
          shown += shows(tile);
        }
      const passed = (now - times[0]) / 1000;
      if (passed >= seconds) return done();
      scroller.scrollTop = from + passed * speed;
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  });
  const gaps = times.slice(1).map((time, k) => time - times[k]).sort((a, b) => a - b);
  return { frames: (1000 * gaps.length) / (times.at(-1) - times[0]), slow: gaps[Math.floor(0.99 * gaps.length)] ?? 0, pictures: seen ? shown / seen : 0 };
};

/** The main flows in a real Firefox: node firefox/flows.mjs FLOW, with SITE, USER, PASSWORD, CAMPAIGN, DATASET and FIREFOX set. */
import assert from "node:assert/strict";
import puppeteer from "puppeteer-core";

const { SITE, USER, PASSWORD, CAMPAIGN, DATASET, FIREFOX } = process.env;
const PATIENCE = 20_000;
const GRID = "review-grid >>> ";
const tile = (position) => `${GRID}.tile[data-position="${position}"]`;

const browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX, headless: true, defaultViewport: { width: 1280, height: 900 } });
const page = await browser.newPage();
page.setDefaultTimeout(PATIENCE);
const broken = [];
page.on("pageerror", (error) => broken.push(String(error)));

const text = (selector) => page.$eval(selector, (element) => element.textContent.trim().replace(/\s+/g, " "));

/** Asked again and again: what waits for changes of the document hears of none inside a shadow tree. */
async function until(what, holds) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((then) => setTimeout(then, 50))) if (await holds().catch(() => false)) return;
  assert.fail(`${what} did not come about`);
}

async function has(selector) {
  await until(selector, async () => (await page.$(selector)) !== null);
  return page.$(selector);
}
const gone = (selector) => until(`no ${selector}`, async () => (await page.$(selector)) === null);

const flagged = () => page.$$eval(`${GRID}.tile.flagged`, (tiles) => tiles.map((one) => Number(one.dataset.position)).sort((a, b) => a - b));
const flags = async (...positions) => {
  await until(`flags on ${positions}`, async () => String(await flagged()) === String(positions)).catch(async (error) => {
    throw new Error(`${error.message}, but on ${await flagged()}`);
  });
};
const saved = () => until("saving", async () => (await text(`${GRID}#saved`)) === "Saved");

async function middle(position) {
  const box = await (await has(tile(position))).boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

async function open(path, sign) {
  await page.goto(`${SITE}${path}`);
  await has(sign);
}

async function seeAll() {
  await until("all in view", async () => {
    if ((await text(`${GRID}#unseen-count`)) === "0 unseen") return true;
    await page.keyboard.press("n");
    return false;
  });
}

const FLOWS = {
  /** Click, sweep, range, keys, undo and redo, a right label, the photo, the hand-in. */
  async review() {
    await open(`/campaigns/${CAMPAIGN}/review/`, tile(0));
    await page.click(tile(1));
    await flags(1);
    await page.keyboard.press("Escape");
    await page.mouse.move(...(await middle(3)));
    await page.mouse.down();
    for (const position of [4, 5]) await page.mouse.move(...(await middle(position)), { steps: 4 });
    await page.mouse.up();
    await flags(1, 3, 4, 5);
    await page.keyboard.press("z");
    await flags(1);
    await page.keyboard.down("Shift");
    await page.keyboard.press("z");
    await page.keyboard.up("Shift");
    await flags(1, 3, 4, 5);
    for (const key of ["Home", "ArrowRight", "ArrowRight", " "]) await page.keyboard.press(key);
    await flags(1, 2, 3, 4, 5);
    await page.keyboard.press("l");
    await has(`${GRID}say-panel >>> label-picker >>> input:focus`);
    await page.keyboard.type("cross");
    await has(`${GRID}say-panel >>> label-picker >>> li[aria-selected="true"]`);
    await page.keyboard.press("Enter");
    await until("the right label", async () => (await text(`${GRID}say-panel >>> .option[aria-pressed="true"]`)).includes("Cross"));
    await saved();
    await page.keyboard.press("f");
    await has(`${GRID}#dialog-photo`);
    await page.keyboard.press("Escape");
    await gone(`${GRID}#dialog-photo`);
    await page.reload();
    await has(tile(0));
    await flags(1, 2, 3, 4, 5);
    await seeAll();
    await page.keyboard.press("Enter");
    await until("the hand-in", async () => (await text(`${GRID}.toast`)).startsWith("Handed in"));
  },

  /** One round of practice, and what was right. */
  async practice() {
    await open(`/campaigns/${CAMPAIGN}/tutorial/`, "practice-grid >>> .tile");
    await page.click('practice-grid >>> .tile[data-position="0"]');
    await page.click("practice-grid >>> #check");
    await has("practice-grid >>> #checked");
    assert.match(await text("practice-grid >>> #checked"), /you found \d+ of \d+/);
  },

  /** The lead's board, the desk with one case settled, and explore mode. */
  async lead() {
    await open(`/campaigns/${CAMPAIGN}/`, "live-progress >>> #settled");
    await until("the live line", async () => (await text("live-progress >>> #live")) === "live");
    await open(`/campaigns/${CAMPAIGN}/disputes/`, "dispute-desk >>> desk-case, dispute-desk >>> .cluster");
    const before = Number.parseInt(await text("dispute-desk >>> #to-settle"), 10);
    await page.keyboard.press("1");
    await until("a case less", async () => Number.parseInt(await text("dispute-desk >>> #to-settle"), 10) < before || (await page.$("dispute-desk >>> #nothing")) !== null);
    await open(`/datasets/${DATASET}/explore/`, "dataset-explorer >>> tile-wall >>> img");
  },
};

try {
  await page.goto(`${SITE}/login/`);
  await page.type("input[name=username]", USER);
  await page.type("input[name=password]", PASSWORD);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await FLOWS[process.argv[2]]();
  assert.deepEqual(broken, []);
  console.log(`${await browser.version()}: ${process.argv[2]} works`);
} catch (error) {
  console.log(broken, await page.evaluate(() => [...document.querySelectorAll("main > *, main > * > *")].map((one) => one.shadowRoot?.textContent ?? "").join("\n")));
  throw error;
} finally {
  await browser.close();
}

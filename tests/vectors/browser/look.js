// Looks at pages as Chromium shows them: [{file, script, scheme, width}] comes
// in as the one argument, an array of what was seen goes out.
const { chromium } = require("playwright-core");

// Runs in the page.
function see() {
  function rgb(text) {
    const n = text.match(/[\d.]+/g).map(Number);
    return { c: n.slice(0, 3), a: n.length > 3 ? n[3] : 1 };
  }
  function light(c) {
    const [r, g, b] = c.map((v) => {
      const x = v / 255;
      return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  function behind(e) {
    for (; e; e = e.parentElement) {
      const b = rgb(getComputedStyle(e).backgroundColor);
      if (b.a === 1) return b.c;
    }
    return [255, 255, 255];
  }
  function contrast(e) {
    const style = getComputedStyle(e);
    const ink = rgb(e instanceof SVGElement ? style.fill : style.color).c;
    const [x, y] = [light(ink), light(behind(e))].sort((a, b) => b - a);
    return (x + 0.05) / (y + 0.05);
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let least = 21, seen = 0, what = "";
  for (let n; (n = texts.nextNode()); ) {
    const e = n.parentElement;
    if (!n.data.trim() || ["TITLE", "STYLE", "title"].includes(e.tagName))
      continue;
    const c = contrast(e);
    seen++;
    if (c < least) [least, what] = [c, n.data.trim().slice(0, 40)];
  }
  // How far the widest table goes beyond what holds it.
  function edge() {
    return Math.max(-9999, ...[...document.querySelectorAll("table")].map(
      (t) => t.getBoundingClientRect().right -
        t.parentElement.getBoundingClientRect().right));
  }
  const values = {};
  for (const d of document.querySelectorAll("[id] data")) {
    const id = d.closest("[id]").id;
    (values[id] = values[id] || []).push(Number(d.value));
  }
  const rows = {};
  for (const t of document.querySelectorAll("table[id]"))
    rows[t.id] = [...t.tBodies[0].rows].map((r) =>
      [...r.cells].map((c) => c.querySelector("data")
        ? c.querySelector("data").value : c.textContent.trim()));
  const charts = [...document.querySelectorAll("svg")].filter(
    (s) => s.getAttribute("aria-hidden") !== "true");
  return {
    lang: document.documentElement.lang,
    title: document.title,
    text: document.body.textContent,
    headings: [...document.querySelectorAll("h1,h2,h3")].map(
      (h) => Number(h.tagName[1])),
    charts: charts.length,
    mute: charts.filter((s) => s.getAttribute("role") !== "img" ||
      !(s.getAttribute("aria-label") || "").trim()).length,
    headless: [...document.querySelectorAll("table")].filter(
      (t) => !t.querySelector("thead th[scope=col]")).length,
    background: getComputedStyle(document.body).backgroundColor,
    wide: document.documentElement.scrollWidth - innerWidth,
    least, what, seen, values, rows, edge: edge(),
  };
}

async function look(browser, visit) {
  const context = await browser.newContext({
    javaScriptEnabled: visit.script,
    colorScheme: visit.scheme,
    viewport: { width: visit.width, height: 800 },
  });
  const page = await context.newPage();
  const complaints = [], asked = [];
  page.on("console", (m) => complaints.push(m.text()));
  page.on("pageerror", (e) => complaints.push(String(e)));
  page.on("request", (r) => asked.push(r.url()));
  await page.goto("file://" + visit.file);
  const seen = await page.evaluate(see);
  seen.complaints = complaints;
  seen.asked = asked.filter((u) => u !== "file://" + visit.file);
  if (visit.print) {
    const pdf = (await page.pdf({ printBackground: true,
      preferCSSPageSize: true })).toString("latin1");
    const box = pdf.match(/\/MediaBox\s*\[([^\]]*)\]/);
    const [, , w, h] = box ? box[1].trim().split(/\s+/).map(Number) : [];
    // As wide as the paper within its margins, where they are 10 mm.
    await page.setViewportSize({ width: Math.floor(w / 0.75 - 76),
      height: 700 });
    await page.emulateMedia({ media: "print" });
    seen.paper = [w, h, (await page.evaluate(see)).edge];
    seen.pages = (pdf.match(/\/Type\s*\/Page\b(?!s)/g) || []).length;
  }
  await context.close();
  return seen;
}

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const seen = [];
  for (const visit of JSON.parse(process.argv[2]))
    seen.push(await look(browser, visit));
  await browser.close();
  console.log(JSON.stringify(seen));
})().catch((e) => { console.error(String(e)); process.exit(1); });

// Draws the days of the table with uPlot and closes the table. A day is picked by pointer or arrow keys, said, and its
// articles opened by a click, a second tap or Enter; dragging or + and - zoom. Without it, the table says all.
"use strict";

(() => {
  if (!window.uPlot) return;
  const [chart, plot, said, numbers, zoomed, these, whole] =
    ["chart", "plot", "said", "numbers", "zoomed", "these", "whole"].map((id) => document.getElementById(id));
  const FEWEST = 2, MARK = 9, LANE = 13, HEIGHT = 168, PRINTED = 640; // days; the others in pixels
  const KINDS = ["spike", "event", "date"]; // from the bar upwards
  const DAY = 24 * 60 * 60 * 1000;
  const language = { en: "en-GB" }[document.documentElement.lang] ?? document.documentElement.lang;
  const dated = (wishes) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...wishes });
  const full = dated({ weekday: "short", day: "numeric", month: "short" });
  const short = dated({ day: "numeric", month: "short" });
  const months = dated({ month: "short" });
  const years = dated({ month: "short", year: "numeric" });
  const counted = new Intl.NumberFormat(language);

  // --- the days, out of the table: those that are missing there had nothing

  const rows = new Map([...numbers.querySelectorAll("tr[data-day]")].map((row) => [row.dataset.day, row]));
  const days = [];
  for (let at = Date.parse(chart.dataset.first); at <= Date.parse(chart.dataset.last); at += DAY) {
    const iso = new Date(at).toISOString().slice(0, 10), row = rows.get(iso);
    const notes = [...(row?.querySelectorAll("[data-kind]") ?? [])];
    days.push({
      at, iso, reports: Number(row?.dataset.reports ?? 0),
      kinds: KINDS.filter((kind) => notes.some((one) => one.dataset.kind === kind)),
      said: [`${full.format(at)}: ${row?.dataset.said ?? chart.dataset.none}`, ...notes.map((one) => one.querySelector("bdi").textContent)].join(" · "),
    });
  }
  const last = days.length - 1, highest = said.textContent;
  const lanes = Math.max(...days.map((day) => day.kinds.length));
  let from = 0, to = last, picked = -1, dragged = false, colours, u;

  // --- drawing

  const readColours = () => {
    const probe = plot.appendChild(document.createElement("i"));
    colours = {};
    for (const name of ["paper", "bar", "picked", "column", "line", "text", ...KINDS]) {
      probe.className = `of-${name}`;
      colours[name] = getComputedStyle(probe).color;
    }
    probe.remove();
  };
  const isMonth = (at) => new Date(at).getUTCDate() === 1;
  const isMonday = (at) => new Date(at).getUTCDay() === 1;
  const quarter = (count) => (at) => isMonth(at) && new Date(at).getUTCMonth() % count === 0;
  const STEPS = [() => true, (at) => at / DAY % 2 === 0, (at) => to - from < 14 && at / DAY % 3 === 0, isMonday,
    (at) => isMonday(at) && at / DAY % 14 > 6, isMonth, quarter(2), quarter(3), quarter(6)];
  const LETTER = 7; // pixels, at most
  const apart = 16 + LETTER * Math.max(...days.map(({ at }) => short.format(at).length));
  const label = (place, order, all) => {
    const { at } = days[place];
    if (!all.every((one) => isMonth(days[one].at)) || all.length < 3) return short.format(at);
    return new Date(at).getUTCMonth() ? months.format(at) : years.format(at);
  };
  const ticks = () => {
    const width = u?.over.clientWidth || plot.clientWidth, pitch = width / (to - from + 1), left = u ? u.over.offsetLeft : 18;
    // What does not fit at an end is left out: cut, "31 Aug" is read as "1 Aug".
    const keepWhole = (all) => all.filter((place, order) => {
      const half = LETTER * label(place, order, all).length / 2;
      return (place - from + .5) * pitch + left >= half && (to - place + .5) * pitch + 8 >= half;
    });
    const shown = [...days.keys()].slice(from, to + 1);
    // Twice: of a few months, the words are longer.
    const places = STEPS.map((step) => keepWhole(keepWhole(shown.filter((place) => step(days[place].at)))));
    const isApart = (found) => found.every((place, order) => order === 0 || (place - found[order - 1]) * pitch >= apart);
    return places.find((found) => found.length > 0 && found.length <= 13 && isApart(found)) ?? [];
  };
  const shapes = {
    spike: (path, x, y, r) => { path.moveTo(x, y - r); path.lineTo(x + r, y + r); path.lineTo(x - r, y + r); },
    event: (path, x, y, r) => path.arc(x, y, r, 0, 2 * Math.PI),
    date: (path, x, y, r) => { path.moveTo(x, y - r); path.lineTo(x + r, y); path.lineTo(x, y + r); path.lineTo(x - r, y); },
  };
  const drawColumn = () => {
    if (picked < from || picked > to) return;
    const { left, top, width, height } = u.bbox;
    const begin = Math.max(left, u.valToPos(picked - .5, "x", true)), end = Math.min(left + width, u.valToPos(picked + .5, "x", true));
    u.ctx.fillStyle = colours.column;
    u.ctx.fillRect(begin, top, Math.max(end - begin, uPlot.pxRatio), height);
  };
  const drawMarks = () => {
    for (let place = from; place <= to; place += 1) {
      const x = u.valToPos(place, "x", true), y = u.valToPos(days[place].reports, "y", true);
      days[place].kinds.forEach((kind, lane) => {
        const path = new Path2D();
        shapes[kind](path, x, y - (lane + .6) * LANE * uPlot.pxRatio, MARK / 2 * uPlot.pxRatio);
        path.closePath();
        // A rim of paper, where a mark stands before the bar of another day.
        Object.assign(u.ctx, { fillStyle: colours[kind], strokeStyle: colours.paper, lineWidth: 3 * uPlot.pxRatio });
        u.ctx.stroke(path);
        u.ctx.fill(path);
      });
    }
  };
  const readFont = () => `${Math.round(parseFloat(getComputedStyle(said).fontSize) * .93)}px ${getComputedStyle(said).fontFamily}`;
  const draw = () => {
    const font = readFont(), text = () => colours.text, line = () => colours.line;
    return new uPlot({
      width: plot.clientWidth, height: HEIGHT + lanes * LANE, padding: [lanes * LANE + 8, 8, 0, 0],
      legend: { show: false },
      scales: { x: { time: false, range: () => [from - .5, to + .5] }, y: { range: (_, __, most) => [0, Math.max(most, 1)] } },
      series: [{}, {
        width: 0, points: { show: false },
        paths: uPlot.paths.bars({
          size: [.78, 40, 2],
          disp: { fill: { unit: 3, values: () => days.map((_, place) => (place === picked ? colours.picked : colours.bar)) } },
        }),
      }],
      axes: [
        { font, stroke: text, size: 26, gap: 4, grid: { show: false }, ticks: { stroke: line, width: 1, size: 4 },
          border: { show: true, stroke: line, width: 1 }, splits: ticks, values: (_, all) => all.map(label) },
        { font, stroke: text, gap: 4, size: (_, all) => 10 + 8 * Math.max(1, ...(all ?? []).map((one) => one.length)),
          space: 42, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000],
          grid: { stroke: line, width: 1 }, ticks: { show: false },
          values: (_, all) => all.map((one) => (one ? counted.format(one) : "")) },
      ],
      cursor: {
        x: false, y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: 5, click: () => {} },
        bind: { dblclick: () => () => null },
      },
      hooks: { drawClear: [(made) => { u = made; drawColumn(); }], draw: [drawMarks], setSelect: [select] },
    }, [days.map((_, place) => place), days.map((day) => day.reports)], plot);
  };

  // --- picking and zooming

  const address = (begin, end) => `${chart.dataset.search}&since=${days[begin].iso}&until=${days[end].iso}`;
  const open = (place) => { if (days[place]) location.assign(address(place, place)); };
  const within = (place) => Math.min(Math.max(place, 0), last);
  const show = (begin, end) => {
    const length = Math.min(Math.max(end - begin, FEWEST - 1), last);
    from = Math.min(Math.max(begin, 0), last - length);
    to = from + length;
    const isWhole = from === 0 && to === last;
    if (isWhole && zoomed.contains(document.activeElement)) chart.focus();
    zoomed.hidden = isWhole;
    these.href = address(from, to);
    said.textContent = isWhole ? highest : short.formatRange(days[from].at, days[to].at);
    u.setScale("x", { min: from - .5, max: to + .5 });
  };
  const pick = (place) => {
    if (place === picked && said.textContent === days[place]?.said) return;
    picked = within(place);
    if (picked < from || picked > to) show(picked < from ? picked : picked - (to - from), picked < from ? picked + (to - from) : picked);
    said.textContent = days[picked].said;
    u.redraw(true);
  };
  const zoom = (times) => {
    const length = Math.min(Math.max(Math.round((to - from + 1) * times), FEWEST), days.length);
    const middle = picked < from || picked > to ? to : picked;
    const begin = Math.round(middle - (middle - from + .5) * length / (to - from + 1) + .5);
    show(begin, begin + length - 1);
  };
  function select(made) {
    const { left, width } = made.select;
    if (!width) return;
    dragged = true;
    made.setSelect({ left: 0, width: 0 }, false);
    const [begin, end] = [left, left + width].map((x) => within(Math.round(made.posToVal(x, "x"))));
    if (end > begin) show(begin, end);
  }

  chart.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = picked < 0 ? days.length : picked;
    const steps = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last, PageUp: at - 7, PageDown: at + 7 };
    const acts = { Enter: () => open(picked), Escape: () => show(0, last), "+": () => zoom(.5), "=": () => zoom(.5), "-": () => zoom(2) };
    const act = event.key in steps ? () => pick(within(steps[event.key])) : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  whole.addEventListener("click", () => show(0, last));

  const listen = () => {
    const over = u.over;
    let before = -1, touches = false, waits;
    over.addEventListener("pointerdown", (event) => {
      touches = event.pointerType === "touch";
      before = picked;
      dragged = false;
    });
    over.addEventListener("mousemove", (event) => pick(u.posToIdx(event.offsetX)));
    over.addEventListener("click", (event) => {
      if (dragged) return;
      const place = u.posToIdx(event.offsetX);
      pick(place);
      if (touches && place !== before) return;
      // Of a double click, which leads back to the whole time, the first is no click on a day.
      clearTimeout(waits);
      if (event.detail > 1 && !touches) show(0, last);
      else waits = setTimeout(open, zoomed.hidden || touches ? 0 : 300, place);
    });
    // uPlot knows the mouse alone: a finger that goes sideways is one, too.
    for (const [pointer, mouse] of [["pointerdown", "mousedown"], ["pointermove", "mousemove"], ["pointerup", "mouseup"]]) {
      over.addEventListener(pointer, ({ pointerType, isPrimary, clientX, clientY }) => {
        if (pointerType === "touch" && isPrimary) over.dispatchEvent(new MouseEvent(mouse, { bubbles: true, clientX, clientY, movementX: 1 }));
      });
    }
    over.addEventListener("pointercancel", () => {
      u.setSelect({ left: 0, width: 0 }, false);
      document.dispatchEvent(new MouseEvent("mouseup"));
    });
  };

  const repaint = () => { readColours(); u.redraw(true); };
  const fit = (width) => { if (width && width !== u.width) u.setSize({ width, height: u.height }); };
  chart.hidden = false;
  numbers.open = false;
  readColours();
  u = draw();
  listen();
  new ResizeObserver(() => fit(plot.clientWidth)).observe(plot);
  for (const wish of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(wish).addEventListener("change", repaint);
  // Paper is white whatever the screen is, and as wide as it is.
  addEventListener("beforeprint", () => { chart.classList.add("printed"); fit(PRINTED); repaint(); });
  addEventListener("afterprint", () => { chart.classList.remove("printed"); fit(plot.clientWidth); repaint(); });
})();


"use strict";
// Tables get a filter and headings that sort. Without this script everything is there, in order of place.
for (const table of document.querySelectorAll("table.list")) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const order = (row, column) => {
    const cell = row.cells[column];
    const given = cell.dataset.order;
    return given === undefined ? cell.textContent.trim().toLowerCase() : given.padStart(40, "0");
  };
  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = rows.map((row, place) => [order(row, column), place, row]);
      keyed.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0) * (down ? -1 : 1) || a[1] - b[1]);
      body.append(...keyed.map((entry) => entry[2]));
    });
  });

  const form = table.closest("section").querySelector("form.filter");
  if (!form) continue;
  const text = form.querySelector("input");
  const shown = form.querySelector("output");
  const boxes = [];
  if (table.dataset.choices) {
    for (const severity of ["error", "warning", "info"]) {
      const count = rows.filter((row) => row.dataset.severity === severity).length;
      if (count === 0) continue;
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = true;
      box.value = severity;
      const label = document.createElement("label");
      label.append(box, `${severity} (${count})`);
      form.querySelector(".choices").append(label);
      boxes.push(box);
    }
  }
  const words = rows.map((row) => row.textContent.toLowerCase());
  const apply = () => {
    const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = boxes.filter((box) => box.checked).map((box) => box.value);
    let count = 0;
    rows.forEach((row, place) => {
      const visible =
        wanted.every((word) => words[place].includes(word)) &&
        (boxes.length === 0 || severities.includes(row.dataset.severity));
      row.hidden = !visible;
      if (visible) count += 1;
    });
    shown.value = `${count} of ${rows.length}`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
}

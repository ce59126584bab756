// Counts the open pushes down and brings the page up to date, every two seconds, without a reload.
"use strict";

const REFRESH_MS = 2000;
let loadedAt = performance.now();
let lastLive = null;

function countDown() {
  const passed = (performance.now() - loadedAt) / 1000;
  for (const push of document.querySelectorAll("[data-seconds-left]")) {
    const left = Math.max(0, Number(push.dataset.secondsLeft) - passed);
    push.querySelector("[data-left]").textContent = `${Math.ceil(left)} s`;
    push.querySelector(".meter span").style.width = `${(100 * left) / Number(push.dataset.windowS)}%`;
    push.classList.toggle("push--ending", left <= 10);
    if (left === 0) {
      for (const button of push.querySelectorAll("button")) button.disabled = true;
    }
  }
}

async function refresh() {
  const live = document.getElementById("live");
  // A button with the focus must not vanish under the finger or the keyboard.
  if (document.hidden || live.contains(document.activeElement)) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  loadedAt = performance.now();
  const fresh = page.getElementById("live").innerHTML;
  if (fresh !== lastLive) {
    lastLive = fresh;
    live.innerHTML = fresh;
  }
  const purse = page.getElementById("purse");
  if (purse) document.getElementById("purse").innerHTML = purse.innerHTML;
  countDown();
}

setInterval(countDown, 250);
setInterval(() => refresh().catch(() => {}), REFRESH_MS);
countDown();

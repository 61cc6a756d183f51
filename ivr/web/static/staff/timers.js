// <span class="timer" data-since="EPOCH" data-now="EPOCH">: how long it has been, counted on here. `data-amber="40"`: marked from then on.

function tick() {
  for (const timer of document.querySelectorAll(".timer")) {
    timer.begun ??= performance.now();
    const seconds = Math.max(0, timer.dataset.now - timer.dataset.since + (performance.now() - timer.begun) / 1000);
    const text = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    if (timer.textContent !== text) timer.textContent = text;
    timer.classList.toggle("amber", Boolean(timer.dataset.amber) && seconds >= timer.dataset.amber);
  }
}

tick();
document.addEventListener("calor:put", tick);
setInterval(tick, 500);

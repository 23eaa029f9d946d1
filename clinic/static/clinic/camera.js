// The camera in the page with an earlier photo laid over it, to take the next one from the same place. Only where there is
// a camera that the page may use; without this file, or without leave, the file fields above serve.

(() => {
  const dialog = document.querySelector("dialog[data-camera]");
  const opens = document.querySelector("[data-camera-opens]");
  if (!dialog || !opens || !navigator.mediaDevices?.getUserMedia || !dialog.showModal) return;

  const part = (name) => dialog.querySelector(`[data-camera-${name}]`);
  const video = part("sees"), ghost = part("ghost"), which = part("which"), strength = part("strength");
  const problem = part("problem"), shoots = part("shoots"), said = part("said");
  let stream = null;
  let taken = 0;

  const layOver = () => { ghost.src = which.value; };
  const fade = () => { ghost.style.opacity = strength.value / 100; };

  async function open() {
    problem.hidden = true;
    shoots.disabled = true;
    said.textContent = "";
    dialog.showModal();
    layOver();
    fade();
    try {
      const back = { facingMode: "environment", width: { ideal: 4032 }, height: { ideal: 3024 } };
      stream = await navigator.mediaDevices.getUserMedia({ video: back, audio: false });
      // Closed while the browser was still asking for leave.
      if (!dialog.open) { stop(); return; }
      video.srcObject = stream;
      await video.play();
      shoots.disabled = false;
    } catch (error) {
      if (!dialog.open) return;
      problem.textContent = error.name === "NotAllowedError"
        ? "The browser was not allowed the camera. Use “Take a photo” on the page instead."
        : "No camera could be opened. Use “Take a photo” on the page instead.";
      problem.hidden = false;
    }
  }

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  }

  function shoot() {
    const at = performance.now();
    const paper = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
    // The picture alone: what is laid over it is no part of it.
    paper.getContext("2d").drawImage(video, 0, 0);
    paper.toBlob((blob) => {
      if (!blob) return;
      taken += 1;
      const file = new File([blob], `camera-${taken}.jpg`, { type: "image/jpeg" });
      // Who shows what was chosen listens further out (photo_rows.js).
      opens.dispatchEvent(new CustomEvent("photo-taken", { bubbles: true, detail: { file, at } }));
      said.textContent = taken === 1 ? "1 photo taken; send it from the page." : `${taken} photos taken; send them from the page.`;
    }, "image/jpeg", 0.95);
  }

  opens.hidden = false;
  opens.addEventListener("click", open);
  which.addEventListener("change", layOver);
  strength.addEventListener("input", fade);
  shoots.addEventListener("click", shoot);
  part("closes").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);
})();

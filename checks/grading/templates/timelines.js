// A timeline comes alive when it comes into sight; until then, on paper, and where this does not run, it is the SVG in its figure.
const texts = JSON.parse(document.getElementById("texts").textContent);

async function enliven(figure) {
  const packed = Uint8Array.from(atob(figure.dataset.trace), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const trace = JSON.parse(await new Response(stream).text());
  figure.classList.add("drawn");
  draw(figure, trace, { texts, height: 420 });
}

const inSight = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    inSight.unobserve(target);
    enliven(target);
  }
});
document.querySelectorAll("figure[data-trace]").forEach((figure) => inSight.observe(figure));

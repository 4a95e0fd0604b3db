// Trades the code behind the #, or the token, for a cookie. The code leaves the
// address bar at once, so that it is neither in the history nor in a bookmark.
const status = document.getElementById("status");
const ways = document.getElementById("ways");
const form = document.getElementById("form");
const token = document.getElementById("token");

async function enter(proof) {
  status.textContent = "Opening your vault …";
  try {
    const response = await fetch("/api/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(proof),
    });
    if (response.ok) {
      location.replace("/");
      return;
    }
    const problem = await response.json();
    status.textContent = `${problem.detail}. ${problem.hint}`;
  } catch {
    status.textContent = "The server does not answer. Is “arf serve” still running?";
  }
  ways.hidden = false;
}

form.hidden = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  enter({ token: token.value.trim() });
  token.value = "";
});

function openLink() {
  const code = location.hash.slice(1);
  if (!code) return;
  history.replaceState(null, "", "/login");
  ways.hidden = true;
  enter({ code });
}

addEventListener("hashchange", openLink); // a link that is pasted where this page is open already
openLink();

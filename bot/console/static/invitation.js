// The link carries its secret behind #, where no server sees it; here it is put into the form.
const secret = location.hash.slice(1);
if (secret) {
  document.getElementById("secret").value = secret;
  history.replaceState(null, "", location.pathname);
}

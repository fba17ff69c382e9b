// WeChat's own browser opens no file and no calendar. There, each link to one gets its other way beside it: a
// picture to press and save where there is one, else how to open this page in the phone's browser.
const help = document.getElementById("wechat");
const files = /\.(ics|pdf|xlsx|csv|zip|txt|json|jsonl|py|beancount|docx|xml|atom)$/;

function isFile(link) {
  return link.hasAttribute("download") || link.protocol === "webcal:" || files.test(link.pathname);
}

function offer(link, number) {
  const other = document.createElement("a");
  const picture = link.dataset.picture;
  other.className = "otherwise";
  other.id = `otherwise-${number}`;
  other.href = picture ?? "#wechat";
  other.textContent = picture ? help.dataset.asPicture : help.dataset.inBrowser;
  link.after(other);
  link.setAttribute("aria-describedby", other.id);
}

if (help && /MicroMessenger/i.test(navigator.userAgent)) {
  document.documentElement.dataset.browser = "wechat";
  const links = [...document.querySelectorAll("main a[href]")].filter(isFile);
  links.forEach(offer);
  help.hidden = links.length === 0;
}

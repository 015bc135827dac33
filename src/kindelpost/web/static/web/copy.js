// A button that copies what stands beside it. Without scripts there is no button, and the text can be marked by hand.
(function () {
  const arm = function (root) {
    root.querySelectorAll('[data-copy]').forEach(function (button) {
      if (button.dataset.armed || !navigator.clipboard) { return }
      button.dataset.armed = '1'
      button.hidden = false
      button.addEventListener('click', function () {
        navigator.clipboard.writeText(button.dataset.copy).then(function () {
          const before = button.textContent
          button.textContent = button.dataset.copied
          window.setTimeout(function () { button.textContent = before }, 2000)
        })
      })
    })
  }
  arm(document)
  document.addEventListener('htmx:afterSettle', function () { arm(document) })
})()

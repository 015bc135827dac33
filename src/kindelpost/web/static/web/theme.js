// Light or dark: what the reader chose (a cookie), else what the system says. Runs before the page is drawn.
(function () {
  const root = document.documentElement
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  const chosen = function () { return root.dataset.theme }
  const show = function () { root.dataset.bsTheme = chosen() || (dark.matches ? 'dark' : 'light') }
  show()
  dark.addEventListener('change', show)
  document.addEventListener('DOMContentLoaded', function () {
    document.querySelectorAll('[data-theme-switch]').forEach(function (button) {
      button.addEventListener('click', function () {
        root.dataset.theme = root.dataset.bsTheme === 'dark' ? 'light' : 'dark'
        document.cookie = 'theme=' + root.dataset.theme + '; Path=/; Max-Age=31536000; SameSite=Lax; Secure'
        show()
      })
    })
  })
})()

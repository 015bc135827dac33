// A passkey ceremony that was broken off says so on the page instead of in the console.
document.addEventListener('allauth.error', function (event) {
  event.preventDefault()
  const place = document.getElementById('passkey-error')
  if (place) { place.hidden = false }
})

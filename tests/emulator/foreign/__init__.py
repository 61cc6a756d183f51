"""Two apps in the way of Twilio's tutorials, in Flask and in Express: strangers to this project."""

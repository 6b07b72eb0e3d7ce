# Errors, shown in both languages.

error-forbidden = You may not see this
error-forbidden-told = The permission “**{ $permission }**” is needed. Ask { $who } for it and name the request below.
error-not-found = No such page
error-not-found-told = The address may be wrong, or what it names is outside your scope. Start again from the compliance page.
error-internal = Something broke on our side
error-internal-told = What you asked for **may not have been done**: see how things stand, then try once more. If it fails again, give the administrator the request number below.
request-id = Request
to-fleet = To the compliance page

# Errors, shown in both languages.

error-forbidden = You may not do this
error-forbidden-told = The permission “**{ $permission }**” is needed. Ask an administrator for it and name the request below.
error-cross-site = This came from another site
error-cross-site-told = The request was sent by another site’s page, so **nothing was done**. If you meant it, open the page here and do it there.
error-not-found = No such page
error-not-found-told = The address may be wrong, or what it names is outside your scope. Start again from the compliance page.
error-refused = This cannot be taken
error-refused-told = The address or the form holds something that has no place there, so **nothing was done**. Go back, correct it and try again.
error-conflict = Not done
error-conflict-told = Things are not as they were on your page, so **nothing was done**. See how they stand now, then decide anew.
error-busy = Not at this moment
error-busy-told = There is too much to do, or the database does not answer. Try again in a little while.
error-internal = Something broke on our side
error-internal-told = What you asked for **may not have been done**: see how things stand, then try once more. If it fails again, give the administrator the request number below.
request-id = Request
to-fleet = To the compliance page

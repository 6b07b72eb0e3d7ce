# Signing in.

sign-in = Sign in
sign-in-lead = Use the name and password an administrator gave you.
sign-in-name = Name
sign-in-password = Password
sign-in-wrong = Name or password is wrong.
sign-in-too-many = Too many tries. Try again in { $for }, or ask an administrator for a new password.
sign-in-no-user = There is no user yet. Add the first one on the coordinator’s own machine:
sign-in-again = Added: go to sign in
sign-in-foot = Every sign-in and every action goes into a record that cannot be changed.

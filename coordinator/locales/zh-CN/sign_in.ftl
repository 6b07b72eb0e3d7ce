# 登录页。

sign-in = 登录
sign-in-lead = 用管理员给您的名字和口令登录。
sign-in-name = 名字
sign-in-password = 口令
sign-in-wrong = 名字或口令不对。
sign-in-too-many = 试得太多了。请 { $for } 后再试，或请管理员重设口令。
sign-in-no-user = 还没有用户。请在协调器所在的机器上运行下面的命令，添加第一个用户：
sign-in-again = 添加好了，去登录
sign-in-foot = 每次登录与操作都记入不可更改的记录。

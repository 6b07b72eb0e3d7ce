# 出错页，两种语言都显示。

error-forbidden = 您没有权限
error-forbidden-told = 需要权限「**{ $permission }**」。请找管理员开通，并告诉对方下面的请求编号。
error-cross-site = 请求来自别的网站
error-cross-site-told = 这个请求是别的网站的页面发出的，所以**什么也没有做**。如果确实要做，请打开这里的页面再操作。
error-not-found = 没有这个页面
error-not-found-told = 地址可能写错了，或者它不在您的管辖范围内。请从合规总览重新找。
error-refused = 无法受理
error-refused-told = 地址或表单里有不该有的内容，所以**什么也没有做**。请返回改正后再试。
error-conflict = 没有生效
error-conflict-told = 情况与您看到的页面已经不同，所以**什么也没有做**。请看过最新状态再决定。
error-busy = 暂时无法处理
error-busy-told = 眼下太忙，或者数据库没有应答。请稍后再试。
error-internal = 我们这边出错了
error-internal-told = 您的操作**可能没有生效**：请先看看现状，再试一次；还不行的话，请把下面的请求编号告诉管理员。
request-id = 请求编号
to-fleet = 回到合规总览

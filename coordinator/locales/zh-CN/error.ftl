# 出错页，两种语言都显示。

error-forbidden = 您没有权限
error-forbidden-told = 需要权限「**{ $permission }**」。请找{ $who }开通，并告诉对方下面的请求编号。
error-not-found = 没有这个页面
error-not-found-told = 地址可能写错了，或者它不在您的管辖范围内。请从合规总览重新找。
error-internal = 我们这边出错了
error-internal-told = 您的操作**可能没有生效**：请先看看现状，再试一次；还不行的话，请把下面的请求编号告诉管理员。
request-id = 请求编号
to-fleet = 回到合规总览

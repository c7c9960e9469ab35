/** The message of the demo: personalised HTML and text, five links, an unsubscribe link. */

export const sampleMessage = {
  label: "Postrider demo",
  subject: "<%= recipient.firstName %>, the autumn catalogue is out",
  fromAddress: "news@shop.example",
  fromName: "The Map Shop",
  html: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>The autumn catalogue</title></head>
<body style="margin:0;background:#f4f1ea;font-family:Georgia,serif;color:#2b2b2b">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:32px 12px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="max-width:600px;background:#ffffff;border-radius:6px">
<tr><td style="padding:32px 40px 8px;font-size:13px;letter-spacing:2px;text-transform:uppercase;color:#8a6d3b">The Map Shop</td></tr>
<tr><td style="padding:0 40px;font-size:28px;line-height:1.3">Good day, <%= recipient.firstName %> <%= recipient.lastName %></td></tr>
<tr><td style="padding:16px 40px;font-size:17px;line-height:1.6">
<p>Forty new maps have arrived, among them a walking atlas of the hills around <%= recipient.location.city %>.</p>
<p><a href="https://shop.example/atlas?lang=<%= recipient.language %>" style="color:#8a6d3b">Leaf through the atlas</a>,
<a href="https://shop.example/catalogue" style="color:#8a6d3b">see the whole catalogue</a>, or
<a href="https://shop.example/offers?name=<%= recipient.firstName %>" style="color:#8a6d3b">find what is put aside for you</a>.</p>
<p style="text-align:center;padding:12px 0"><a href="https://shop.example/order" style="background:#8a6d3b;color:#ffffff;padding:14px 28px;border-radius:4px;text-decoration:none">Order by Sunday, free delivery</a></p>
<p>Until soon,<br>the people of <a href="https://shop.example/" style="color:#8a6d3b">the Map Shop</a></p>
</td></tr>
<tr><td style="padding:16px 40px 32px;font-size:12px;color:#777777;border-top:1px solid #eeeeee">
You get this mail because you asked for our catalogue. <%@ include view='UnsubscriptionLink' %></td></tr>
</table></td></tr></table>
</body>
</html>
`,
  text: `Good day, <%= recipient.firstName %> <%= recipient.lastName %>

Forty new maps have arrived, among them a walking atlas of the hills around <%= recipient.location.city %>.

The atlas: https://shop.example/atlas?lang=<%= recipient.language %>
The catalogue: https://shop.example/catalogue
Order by Sunday, free delivery: https://shop.example/order

Until soon, the people of the Map Shop

<%@ include view='UnsubscriptionLink' %>
`,
} as const;

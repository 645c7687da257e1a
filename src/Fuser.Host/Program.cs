using Fuser.Host.Commands;

return await FuserTool.RunAsync(args, Terminal.OfProcess()).ConfigureAwait(false);

using Fuser.Examples;

await Quickstart.RunAsync();
await GraphsFromEverywhere.RunAsync();
await OwnMemory.RunAsync();

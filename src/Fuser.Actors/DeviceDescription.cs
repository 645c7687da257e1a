namespace Fuser.Actors;

/// <summary>A device, present or not.</summary>
/// <param name="Name">As <c>--device</c> takes it: <c>cpu</c>, <c>interpreter</c>.</param>
/// <param name="IsAvailable">Whether it can be run on.</param>
/// <param name="Description">What it is (processor, vector width, threads), or why it is not available.</param>
public sealed record DeviceDescription(string Name, bool IsAvailable, string Description);

// The client of an existing service (seed 004), without its NestJS wrapping: no decorator, no
// injected HttpService, console instead of Nest's logger. Calls, headers and time-out are its own.
import axios from 'axios';

export class MoviePyService {
  private readonly logger = console;

  async trimVideo(videoUrl: string, startTime: number, endTime: number, sessionId: string): Promise<any> {
    try {
      const response = await axios.post(
        `${process.env.MOVIEPY_SERVICE_URL}/process/video/trim`,
        {
          video_url: videoUrl,
          start_time: startTime,
          end_time: endTime,
          session_id: sessionId
        },
        {
          headers: {
            'Authorization': `Bearer ${process.env.MOVIEPY_SERVICE_API_KEY}`,
            'Content-Type': 'application/json'
          },
          timeout: parseInt(process.env.MOVIEPY_SERVICE_TIMEOUT) || 300000
        }
      );

      return response.data;
    } catch (error) {
      this.logger.error(`Failed to trim video: ${error.message}`);
      throw new Error(`Video trimming failed: ${error.message}`);
    }
  }

  async addTextToVideo(videoUrl: string, text: string, position: string, sessionId: string): Promise<any> {
    try {
      const response = await axios.post(
        `${process.env.MOVIEPY_SERVICE_URL}/process/video/add_text`,
        {
          video_url: videoUrl,
          text: text,
          position: position,
          font_size: 50,
          color: 'white',
          session_id: sessionId
        },
        {
          headers: {
            'Authorization': `Bearer ${process.env.MOVIEPY_SERVICE_API_KEY}`,
            'Content-Type': 'application/json'
          },
          timeout: parseInt(process.env.MOVIEPY_SERVICE_TIMEOUT) || 300000
        }
      );

      return response.data;
    } catch (error) {
      this.logger.error(`Failed to add text to video: ${error.message}`);
      throw new Error(`Adding text to video failed: ${error.message}`);
    }
  }

  async concatenateVideos(videoUrls: string[], sessionId: string): Promise<any> {
    try {
      const response = await axios.post(
        `${process.env.MOVIEPY_SERVICE_URL}/process/video/concatenate`,
        {
          video_urls: videoUrls,
          session_id: sessionId
        },
        {
          headers: {
            'Authorization': `Bearer ${process.env.MOVIEPY_SERVICE_API_KEY}`,
            'Content-Type': 'application/json'
          },
          timeout: parseInt(process.env.MOVIEPY_SERVICE_TIMEOUT) || 300000
        }
      );

      return response.data;
    } catch (error) {
      this.logger.error(`Failed to concatenate videos: ${error.message}`);
      throw new Error(`Video concatenation failed: ${error.message}`);
    }
  }
}
